// Answers on SERVICE_PORT; /health tells Tenon that it is ready.
"use strict";
const http = require("node:http");

const answers = {
  "/": { service: "${SERVICE_ID}", version: process.env.SERVICE_VERSION },
  "/health": { status: "ok" },
};

const server = http.createServer((request, response) => {
  const answer = Object.hasOwn(answers, request.url) ? answers[request.url] : null;
  response.writeHead(answer ? 200 : 404, { "Content-Type": "application/json" });
  response.end(JSON.stringify(answer || { error: "nothing is here" }));
});
server.listen(process.env.SERVICE_PORT, "127.0.0.1");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
