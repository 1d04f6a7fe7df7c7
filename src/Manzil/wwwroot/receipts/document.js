// Compares a document with a receipt on this phone, so that the document is not sent. A browser that cannot do it sends the form as it is.
'use strict';
{
  const names = ['State', 'Number', 'BirthDate.Day', 'BirthDate.Month', 'BirthDate.Year'];
  const box = 'BirthDate.NotShown';
  const typedIn = (form) => names.map((name) => form.elements.namedItem(name).value);
  const isTicked = (form) => form.elements.namedItem(box).checked;
  // As the service reads them; other letters than A to Z stay, so that it says what is wrong with them.
  const plain = (typed, i) => i > 1 ? typed.trim() : typed.replace(/[ -]/g, '').replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
  const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

  // A day or month as two digits; XX where the document shows none, which is said by a sign for it, or by the tick; null where it is neither.
  const partOf = (typed, isNone) => /^[0Xx<-]+$/.test(typed) || (isNone && typed === '') ? 'XX' : /^\d{1,2}$/.test(typed) ? typed.padStart(2, '0') : null;

  // YYYY-MM-DD, with XX for what the document does not show; null where this cannot read it.
  const dateOf = (typedDay, typedMonth, year, ticked) => {
    const isNoYear = /^(0000|[Xx<-]+)$/.test(year);
    const month = partOf(typedMonth, ticked || isNoYear);
    const day = partOf(typedDay, ticked || month === 'XX');
    if (!day || !month || (day !== 'XX' && ticked)) return null;
    if (isNoYear) return month === 'XX' && day === 'XX' ? 'XXXX-XX-XX' : null;
    if (!/^(19|20|21)\d\d$/.test(year) || Number(month) > 12) return null;
    if (day === 'XX') return `${year}-${month}-XX`;
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    // A day that no month has becomes one of the next.
    return date.getUTCDate() === Number(day) && date.getUTCMonth() === Number(month) - 1 ? date.toISOString().slice(0, 10) : null;
  };

  // STATE|NUMBER|YYYY-MM-DD (docs/receipts.md); null where this cannot read it, as a month by its name: then the service reads it.
  const documentOf = ([state, number, day, month, year], ticked) => {
    const date = dateOf(day, month, year, ticked);
    return date && /^[A-Z]{1,3}$/.test(state) && /^[A-Z0-9]{1,20}$/.test(number) ? `${state}|${number}|${date}` : null;
  };

  const matches = async (holder, salt, check) => {
    const text = new TextEncoder();
    const typed = await crypto.subtle.importKey('raw', text.encode(holder), 'PBKDF2', false, ['deriveBits']);
    const stretched = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: text.encode('manzil-holder-1'), iterations: 300000 }, typed, 256);
    const key = await crypto.subtle.importKey('raw', stretched, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return hexOf(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytesOf(salt)))).startsWith(check);
  };

  // The page comes with what it would say of this document and of another; the phone puts what it found in place of what was not asked.
  const say = async (main, holder) => {
    for (const outcome of main.querySelectorAll('[data-holder]')) {
      const { salt, check } = outcome.dataset;
      const finding = await matches(holder, salt, check) ? 'matching' : 'another';
      outcome.querySelector('div').replaceWith(outcome.querySelector(`[data-finding=${finding}]`).content);
    }
  };

  const send = async (event) => {
    const form = event.currentTarget;
    const holder = documentOf(typedIn(form).map(plain), isTicked(form));
    if (!holder) return;
    event.preventDefault();
    const message = form.querySelector('[role=alert]');
    const button = form.querySelector('button');
    message.textContent = '';
    button.disabled = true;
    try {
      const data = new FormData(form);
      names.forEach((name) => data.set(name, ''));
      data.delete(box);
      const answer = await fetch('/verify', { method: 'POST', body: data });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const main = document.importNode(page.querySelector('main'), true);
      // A page about a fault has no form in which to keep what was typed: this one stays.
      if (!answer.ok && !main.querySelector('form[data-document]')) throw answer;
      const asked = main.querySelector('h1');
      const before = asked ? asked.textContent : '';
      await say(main, holder);
      const after = main.querySelector('h1');
      const again = main.querySelector('form[data-document]');
      if (again) {
        names.forEach((name) => { again.elements.namedItem(name).value = form.elements.namedItem(name).value; });
        again.elements.namedItem(box).checked = isTicked(form);
        again.addEventListener('submit', send);
      }
      document.querySelector('main').replaceWith(main);
      document.title = after ? page.title.replace(before, after.textContent) : page.title;
      const heading = main.querySelector('h1, h2');
      heading.tabIndex = -1;
      heading.focus();
    } catch {
      message.textContent = message.dataset.unreachable;
    } finally {
      button.disabled = false;
    }
  };

  const form = document.querySelector('form[data-document]');
  if (form && window.isSecureContext && crypto.subtle) form.addEventListener('submit', send);
}
