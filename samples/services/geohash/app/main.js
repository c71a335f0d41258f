// Turns places into geohashes and back (https://en.wikipedia.org/wiki/Geohash).
//
//   GET /health
//   GET /encode?lat=57.64911&lon=10.40744&length=11  ->  {"hash":"u4pruydqqvj"}
//   GET /decode?hash=u4pruydqqvj                     ->  {"lat":57.64911,"lon":10.40744}
"use strict";
const http = require("node:http");

const DIGITS = "0123456789bcdefghjkmnpqrstuvwxyz";
const LONGEST = 12;

// Halves the world in turn by longitude and latitude; five bits are one digit.
function encode(lat, lon, length) {
  const range = { lon: [-180, 180], lat: [-90, 90] };
  const place = { lon, lat };
  let hash = "";
  for (let bit = 0, value = 0; hash.length < length; ++bit) {
    const axis = bit % 2 === 0 ? "lon" : "lat";
    const middle = (range[axis][0] + range[axis][1]) / 2;
    const upper = place[axis] >= middle;
    range[axis][upper ? 0 : 1] = middle;
    value = value * 2 + (upper ? 1 : 0);
    if (bit % 5 === 4) {
      hash += DIGITS[value];
      value = 0;
    }
  }
  return hash;
}

function decode(hash) {
  const range = { lon: [-180, 180], lat: [-90, 90] };
  let bit = 0;
  for (const digit of hash) {
    const value = DIGITS.indexOf(digit);
    for (let mask = 16; mask > 0; mask >>= 1, ++bit) {
      const axis = bit % 2 === 0 ? "lon" : "lat";
      const middle = (range[axis][0] + range[axis][1]) / 2;
      range[axis][value & mask ? 0 : 1] = middle;
    }
  }
  const middle = ([low, high]) => Number(((low + high) / 2).toFixed(6));
  return { lat: middle(range.lat), lon: middle(range.lon) };
}

function number(query, name, least, most, otherwise) {
  const value = query.has(name) ? Number(query.get(name)) : otherwise;
  if (!(value >= least && value <= most)) throw new RangeError(`${name}: a number from ${least} to ${most}`);
  return value;
}

const routes = {
  "/health": () => ({ status: "OK", version: process.env.SERVICE_VERSION || "development" }),
  "/encode": (query) => ({
    hash: encode(number(query, "lat", -90, 90), number(query, "lon", -180, 180), number(query, "length", 1, LONGEST, 9)),
  }),
  "/decode": (query) => {
    const hash = (query.get("hash") || "").toLowerCase();
    if (hash.length < 1 || hash.length > LONGEST || [...hash].some((digit) => !DIGITS.includes(digit))) {
      throw new RangeError(`hash: 1 to ${LONGEST} of ${DIGITS}`);
    }
    return decode(hash);
  },
};

function answer(request, response) {
  const url = new URL(request.url, "http://localhost");
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : null;
  let status = 404;
  let body = { error: "GET /encode?lat=&lon= or /decode?hash=" };
  try {
    if (route) [status, body] = [200, route(url.searchParams)];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    [status, body] = [400, { error: error.message }];
  }
  const text = JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

const at = process.argv.indexOf("--port");
const port = Number(at > 0 ? process.argv[at + 1] : process.env.SERVICE_PORT || 5130);
const server = http.createServer(answer);
server.listen(port, "127.0.0.1", () => console.log(`geohash answers on http://127.0.0.1:${port}`));
process.on("SIGTERM", () => server.close(() => process.exit(0)));
