// Makes photos smaller before they are sent, as a new JPEG in which no position stands. Whatever cannot be done leaves the file as it was.
'use strict';
{
  // A page of a lease is still read at this size (docs/decisions/0060-large-photos.md). A long strip keeps its width instead.
  const longest = 2560;
  const narrowest = 1440;
  const quality = 0.85;
  // A picture of a screen is small as it is, and its letters are sharper.
  const smallPicture = 1500000;

  // A JPEG always: a position may stand in it. A HEIC, which the service cannot take, wherever this browser can read it.
  const isPhoto = (/** @type {File} */ file) => /^image\/(jpeg|heic|heif)$/.test(file.type) || (file.type === 'image/png' && file.size > smallPicture);

  const drawn = (/** @type {number} */ width, /** @type {number} */ height, /** @type {string} */ colour) => {
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    return { canvas, context };
  };

  // Some browsers answer with noise where a page asks what it has drawn, so that nobody knows them again by it. No photo may become that.
  const isTrue = () => {
    const { data } = drawn(16, 16, 'rgb(60, 120, 180)').context.getImageData(0, 0, 16, 16);
    return data.every((value, i) => Math.abs(value - (i % 4 === 3 ? 255 : 60 * (i % 4 + 1))) < 8);
  };

  const redraw = async (/** @type {File} */ file) => {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, Math.max(longest / Math.max(picture.width, picture.height), narrowest / Math.min(picture.width, picture.height)));
    const [width, height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    const { canvas, context } = drawn(width, height, 'white');
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, width, height);
    picture.close();
    // Larger than the phone can hold, it stays clear.
    if (!context.getImageData(width - 1, height - 1, 1, 1).data.every((value, i) => i < 3 || value === 255)) return file;
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
    if (!blob || blob.type !== 'image/jpeg' || (file.type === 'image/png' && blob.size >= file.size)) return file;
    return new File([blob], file.name, { type: blob.type, lastModified: file.lastModified });
  };

  const smaller = async (/** @type {File} */ file) => {
    try {
      return isPhoto(file) ? await redraw(file) : file;
    } catch {
      return file;
    }
  };

  const watch = (/** @type {HTMLInputElement} */ input) => {
    const form = input.form;
    const message = form.querySelector('[data-shrinking]');
    let choice = 0;
    let working = null;
    let isWaiting = false;

    const shrink = async () => {
      choice += 1;
      const mine = choice;
      const chosen = Array.from(input.files);
      message.textContent = '';
      if (!chosen.some(isPhoto)) return;
      message.textContent = message.dataset.shrinking;
      const files = new DataTransfer();
      // One after the other: each takes the phone's memory for all of its pixels.
      for (const file of chosen) files.items.add(await smaller(file));
      if (mine !== choice) return;
      const isChanged = Array.from(files.files).some((file, i) => file.size < chosen.at(i).size);
      input.files = files.files;
      message.textContent = isChanged ? message.dataset.shrunk : '';
    };

    const start = () => {
      const mine = shrink().catch(() => { message.textContent = ''; }).then(() => { if (working === mine) working = null; });
      working = mine;
    };

    input.addEventListener('change', start);
    form.addEventListener('submit', async (event) => {
      if (!working || !form.requestSubmit) return;
      event.preventDefault();
      if (isWaiting) return;
      isWaiting = true;
      while (working) await working;
      isWaiting = false;
      form.requestSubmit(event.submitter);
    });
  };

  // Read before anything is sent, so that no photo waits for it in vain.
  try {
    if (isTrue()) document.querySelectorAll('input[type=file]').forEach(watch);
  } catch {
    // An old browser sends what was chosen.
  }
}
