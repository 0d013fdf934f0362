/** Files that leave the page: made in memory, and handed to the browser to be saved. Nothing is sent anywhere. */

export function saveFile(name: string, type: string, ...text: readonly string[]): void {
  const address = URL.createObjectURL(new Blob([...text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // Not at once: the browser reads it after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
