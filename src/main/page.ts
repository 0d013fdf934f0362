/**
 * Answers the window's requests for its own files, `app://relay/…`. GET and HEAD, plain names, inside the folder, with
 * the CSP on every answer. Which of these hold for an address is decided in policy.ts; this reads the file.
 */
import { assetPath, headersOf } from './policy.ts';

/**
 * @param root the built page's folder, absolute
 * @param read gives a file's bytes, and throws where there is none
 */
export function pageServer(root: string, read: (file: string) => Promise<Uint8Array>) {
  return async ({ method, url }: Pick<Request, 'method' | 'url'>): Promise<Response> => {
    if (method !== 'GET' && method !== 'HEAD') return refused(405, root);
    const file = assetPath(root, url);
    if (file === undefined) return refused(404, root);
    try {
      const bytes = await read(file);
      return new Response(method === 'HEAD' ? null : new Uint8Array(bytes), { headers: headersOf(file) });
    } catch {
      return refused(404, root);
    }
  };
}

// The refusal says nothing of what was asked: it must not become a page that repeats hostile text.
const refused = (status: 404 | 405, root: string): Response => new Response(null, { status, headers: headersOf(root) });
