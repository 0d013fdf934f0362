/** The floor: the same Express, spared all it can be spared, answering every request with one constant user. */
import { createServer } from 'node:http';
import express from 'express';
import { answer, serve } from './constant.ts';

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use((_, response) => {
  response.json(answer);
});
serve(createServer(app));
