#include "wire/dashboard.h"

#include <string>

#include "wire/source_hash.h"

namespace lode::wire {
namespace {

constexpr std::string_view kStyle = R"(
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1c2430}
h1{font-size:1.4rem;margin:0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .6rem;border-bottom:1px solid #dde2e8;text-align:right}
th{font-weight:600}th.key,td.key{text-align:left}#state{color:#56616f}pre{background:#f4f6f8;padding:.8rem;overflow:auto}
)";

constexpr std::string_view kScript = R"(
const shown = ["transactions", "units_sold", "gross_sales", "returns", "net_sales", "fees", "customers"];
const keys = ["day", "country", "currency"];
function cell(row, text, kind, isKey) {
  const made = row.appendChild(document.createElement(kind));
  made.textContent = text === null || text === undefined ? "" : String(text);
  if (isKey) made.className = "key";
}
async function sales() {
  const answer = await fetch("/v1/gold/daily_sales?order_by=-day&limit=60", {headers: {Accept: "application/json"}});
  const page = await answer.json();
  const state = document.getElementById("state");
  if (!answer.ok) { state.textContent = page.detail; return; }
  const table = document.getElementById("sales");
  table.replaceChildren();
  const head = table.appendChild(document.createElement("tr"));
  for (const name of keys.concat(shown)) cell(head, name.replaceAll("_", " "), "th", keys.includes(name));
  for (const line of page.rows) {
    const row = table.appendChild(document.createElement("tr"));
    for (const name of keys.concat(shown)) cell(row, line[name], "td", keys.includes(name));
  }
  state.textContent = page.meta.as_of_offset === null ? "No events yet."
      : "As of offset " + page.meta.as_of_offset + ", " + page.meta.as_of_time + ", lag " + page.meta.lag_ms + " ms";
}
async function status() {
  const answer = await fetch("/v1/status");
  document.getElementById("status").textContent = JSON.stringify(await answer.json(), null, 2);
}
async function refresh() {
  try { await sales(); await status(); }
  catch (error) { document.getElementById("state").textContent = "The server does not answer."; }
  setTimeout(refresh, 2000);
}
refresh();
)";

}  // namespace

std::string_view dashboard_html() {
  static const std::string kPage = [] {
    std::string page =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Lode</title>"
        "<meta name=\"viewport\" content=\"width=device-width\"><link rel=\"icon\" href=\"data:,\"><style>";
    page += kStyle;
    page +=
        "</style></head><body><h1>Lode</h1><p id=\"state\">Asking the server.</p>"
        "<h2>daily_sales</h2><table id=\"sales\"></table><h2>Status</h2><pre id=\"status\"></pre>"
        "<p><a href=\"/openapi.json\">openapi.json</a> <a href=\"/v1/views\">views</a> "
        "<a href=\"/v1/quality\">quality</a> <a href=\"/v1/quarantine\">quarantine</a> "
        "<a href=\"/metrics\">metrics</a></p><script>";
    page += kScript;
    page += "</script></body></html>\n";
    return page;
  }();
  return kPage;
}

std::string_view dashboard_policy() {
  static const std::string kPolicy =
      "default-src 'none'; script-src '" + source_hash(kScript) + "'; style-src '" + source_hash(kStyle) +
      "'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'";
  return kPolicy;
}

}  // namespace lode::wire
