// What goes over the wire: a proxy that counts the bytes of every answer as they come, compressed.
import { createServer, request } from "node:http";

export async function counting(target) {
  const { hostname, port } = new URL(target);
  const bytes = new Map();
  const server = createServer((asked, answer) => {
    const { method, url, headers } = asked;
    const onwards = request({ hostname, port, method, path: url, headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.on("data", (part) => bytes.set(url, (bytes.get(url) ?? 0) + part.length));
      got.pipe(answer);
    });
    onwards.on("error", () => answer.destroy());
    asked.pipe(onwards);
  });
  await new Promise((done) => server.listen(0, "localhost", done));
  const of = (pattern) => [...bytes].filter(([path]) => pattern.test(path)).reduce((sum, [, count]) => sum + count, 0);
  return {
    url: `http://localhost:${server.address().port}`,
    /** Bytes so far, by kind. */
    sums: () => ({ page: of(/^\/$/), script: of(/\.js$/), style: of(/\.css$/), wasm: of(/\.wasm$/) }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
