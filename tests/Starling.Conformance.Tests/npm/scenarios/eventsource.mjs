// The npm package eventsource as subscriber: prints each event as a JSON line, until it is ended.
import { EventSource } from 'eventsource';

const source = new EventSource(process.argv[2]);
const print = (event) => console.log(JSON.stringify({ id: event.lastEventId, type: event.type, data: event.data }));
source.onopen = () => console.log(JSON.stringify({ type: 'open' }));
source.onmessage = print;
source.addEventListener('mercure', print);
source.onerror = (error) => console.log(JSON.stringify({ type: 'error', code: error.code ?? null, state: source.readyState }));
