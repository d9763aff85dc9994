// An image travels inside the operation that inserts it, and the server takes operations of half a megabyte.
const maxBytes = 300_000;
const sides = [1600, 1000, 640, 400];

const read = (blob: Blob) =>
  new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });

/** An image file as an address, made smaller as far as it has to be. */
export async function imageAddress(file: File): Promise<string> {
  if (file.size <= maxBytes) {
    return read(file);
  }
  const picture = await createImageBitmap(file);
  for (const side of sides) {
    const scale = Math.min(1, side / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/webp", 0.8));
    if (blob && blob.size <= maxBytes) {
      return read(blob);
    }
  }
  throw new Error(`${file.name} is too large to put into a document.`);
}
