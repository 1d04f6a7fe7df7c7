// Makes or uses a passkey, then sends the page's own form with it. Without passkeys the form stays hidden.
'use strict';
{
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const described = (list) => (list ?? []).map((c) => ({ ...c, id: bytes(c.id) }));

  const begin = async (path) => {
    const answer = await fetch(path, { method: 'POST', headers: { 'X-Requested-With': 'manzil' } });
    if (!answer.ok) throw new Error('unreachable');
    return answer.json();
  };

  const create = async (o) => {
    const made = await navigator.credentials.create({
      publicKey: { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: described(o.excludeCredentials) },
    });
    const { response } = made;
    return plain(made, {
      clientDataJSON: text(response.clientDataJSON),
      attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    });
  };

  const get = async (o) => {
    const used = await navigator.credentials.get({
      publicKey: { ...o, challenge: bytes(o.challenge), allowCredentials: described(o.allowCredentials) },
    });
    const { response } = used;
    return plain(used, {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    });
  };

  const plain = (credential, response) => ({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response,
    clientExtensionResults: {}, authenticatorAttachment: credential.authenticatorAttachment ?? null,
  });

  for (const form of window.PublicKeyCredential ? document.querySelectorAll('form[data-passkey]') : []) {
    const message = form.querySelector('[role=alert]');
    form.hidden = false;
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      message.textContent = '';
      try {
        const { challenge, options } = await begin(form.dataset.passkey);
        // Only a passkey that is to be made is made for somebody named.
        const credential = await (options.user ? create(options) : get(options));
        form.elements.Challenge.value = challenge;
        form.elements.Credential.value = JSON.stringify(credential);
        form.submit();
      } catch (error) {
        message.textContent = error.name === 'Error' || error.name === 'TypeError' ? message.dataset.unreachable : message.dataset.cancelled;
      }
    });
  }
}
