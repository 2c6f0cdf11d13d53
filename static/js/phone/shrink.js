// Pictures, made as small as the server keeps them.
"use strict";
(() => {
  const LONG_SIDE = 1600; // pixels: what the server keeps
  const QUALITY = 0.85;

  // A picture drawn anew is upright and has neither place nor time in it. Null where the browser cannot read it.
  async function shrunk(file) {
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      return null;
    }
    const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    const drawing = canvas.getContext("2d");
    drawing.fillStyle = "#fff";
    drawing.fillRect(0, 0, canvas.width, canvas.height);
    drawing.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  }

  smile.sha256 = async (blob) => {
    const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // Makes a kept photo ready to be sent. Until then it stands in the store as it came, so that no killed page loses it.
  smile.shrink = async (record) => {
    const made = await shrunk(record.blob);
    const blob = made ?? record.blob; // what the browser cannot read, the server perhaps can
    const sha256 = await smile.sha256(blob);
    await smile.store.photos.amend(record, (now) => (now.isRaw ? { blob, sha256, isRaw: false, isUnread: !made } : {}));
  };
})();
