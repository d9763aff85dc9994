// Prints what the npm package urlpattern-polyfill says of many patterns and URLs: one JSON line for each pair.
import { URLPattern } from 'urlpattern-polyfill';

const base = 'https://hub.example.com/.well-known/mercure';
const patterns = [
  'https://example.com/books/:id', 'https://example.com/books/:id?', 'https://example.com/books/:id+', 'https://example.com/books/:id*',
  'https://example.com/users/42/*', 'https://example.com/*', 'https://*.example.com/foo', 'https://:sub.example.com/:page', 'https://*/x',
  'http{s}?://example.com/a', 'https://example.com/books/:id(\\d+)', 'https://example.com/{books/}?:id', 'https://example.com/:a/:b',
  'https://example.com/:a-:b', 'https://example.com/foo.:ext(png|jpg)', 'https://example.com:8080/x', 'https://example.com:443/x', 'https://example.com:*/x',
  'https://example.com/x?q=*', 'https://example.com/x?q=:value#h', 'https://example.com/x#:hash', 'https://example.com/x?*#*', 'https://example.com/x\\?y',
  'https://example.com/caf%C3%A9/:x', 'https://example.com/café/:x', 'https://example.com/a b/:x', 'https://EXAMPLE.com/Case', 'https://example.com',
  'https://example.com/a/../b/:x', 'https://example.com/./c', 'https://[::1]/x', 'https://[:address]/x', 'ws://example.com/:x',
  'urn:uuid::id', 'urn:uuid:*', 'data:text/plain,*', 'data\\:foobar', 'custom://host/:x', ':scheme://example.com/x', '*://example.com/x', 'mailto:*@example.com',
  '/books/:id', 'books/:id', './:x', '../:x', '*', '/*', ':x', '?q=:x', '#:x', '/.well-known/mercure/subscriptions/exact/:topic/:subscriber',
  '/.well-known/mercure/subscriptions/:type/:topic/:subscriber', '/.well-known/mercure/subscriptions{/*}?', 'subscriptions/*',
  'https://user:pw@example.com/x', 'https://:user@example.com/x', 'https://example.com/(a|b)c', 'https://example.com/:x(.*)', 'https://example.com/{a}+b',
  'https://example.com/%zz/:x', 'https://example.com/\\:x', 'https://example.com/x/', '//other.example/:x', 'https://例え.jp/:x', 'https://1.2.3.4/:x', 'file:///:x',
  'https://example.com/:x/:x', 'https://example.com/(', 'https://example.com/{x', 'https://example.com/(?:x)', 'https://example.com/x}', ':', '(', '', 'https://exa mple.com/',
];
const urls = [
  'https://example.com/books/1', 'https://example.com/books/', 'https://example.com/books', 'https://example.com/books/1/2', 'https://example.com/books/a%20b',
  'https://example.com/users/42/books/1', 'https://example.com/users/42/', 'https://example.com/users/42', 'https://www.example.com/foo', 'https://a.b.example.com/foo',
  'https://example.com/', 'https://example.com', 'http://example.com/a', 'https://example.com/a', 'https://example.com:8080/x', 'https://example.com:443/x',
  'https://example.com/x', 'https://example.com/x?q=1', 'https://example.com/x?q=1#h', 'https://example.com/x#z', 'https://example.com/x?y', 'https://example.com/x/',
  'https://example.com/caf%C3%A9/1', 'https://example.com/café/1', 'https://example.com/a%20b/1', 'https://example.com/a b/1', 'https://example.com/Case', 'https://example.com/case',
  'https://EXAMPLE.COM/Case', 'https://example.com/b/1', 'https://example.com/a/../b/1', 'https://example.com/c', 'https://[::1]/x', 'https://[0:0::1]/x',
  'ws://example.com/1', 'urn:uuid:bb3de268-05b0-4c65-b44e-8f9acefc29d6', 'urn:uuid:', 'data:text/plain,hello world', 'data:foobar', 'custom://host/1', 'custom://host',
  'mailto:a@example.com', 'books/1', '/books/1', './books/1', '../books/1', 'a-topic', 'b', '?q=2', '#h', '', '/.well-known/mercure',
  '/.well-known/mercure/subscriptions', '/.well-known/mercure/subscriptions/exact/foo/urn%3Auuid%3A1', '/.well-known/mercure/subscriptions/exact/https%3A%2F%2Fexample.com%2Fa/x',
  'https://hub.example.com/books/1', 'https://hub.example.com/.well-known/1', 'https://hub.example.com/', 'https://user:pw@example.com/x', 'https://joe@example.com/x',
  'https://example.com/ac', 'https://example.com/bc', 'https://example.com/aab', 'https://example.com/foo.png', 'https://example.com/foo.gif', 'https://example.com/a-b', 'https://example.com/7',
  'https://example.com/%zz/1', 'https://example.com/:x', '//other.example/1', 'https://other.example/1', 'https://xn--r8jz45g.jp/1', 'https://例え.jp/1', 'https://1.2.3.4/1',
  'https://0x1.2.3.4/1', 'file:///1', 'ftp://example.com/x', 'https://exa mple.com/', 'https://', 'http:example.com', 'https:///example.com/x', 'https://example.com\\x', 'https:x',
];

for (const pattern of patterns) {
  let compiled = null;
  try {
    compiled = new URLPattern(pattern, base);
  } catch {
    console.log(JSON.stringify({ pattern }));
    continue;
  }
  const matches = urls.filter((url) => {
    try {
      return compiled.test(url, base);
    } catch {
      return false;
    }
  });
  console.log(JSON.stringify({ pattern, matches, urls: urls.length }));
}
console.log(JSON.stringify({ base, all: urls }));
