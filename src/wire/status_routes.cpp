#include "wire/status_routes.h"

#include "wire/answer_later.h"
#include "wire/dashboard.h"
#include "wire/openapi.h"

namespace lode::wire {
namespace {

Response text_response(std::string content_type, std::string body) {
  Response response;
  response.content_type = std::move(content_type);
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.body = std::move(body);
  return response;
}

}  // namespace

void get_status(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  answer_later(site->pool, std::move(exchange),
               [site] { return text_response("application/json", site->services.status_json()); });
}

void get_livez(const std::shared_ptr<Site>&, ExchangePtr exchange) {
  exchange->respond(text_response("text/plain; charset=utf-8", "ok\n"));
}

void get_readyz(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  bool verbose = exchange->request().parameter("verbose") != nullptr;
  std::string reason = site->stopping ? "stopping" : site->services.not_ready();
  std::string body = reason.empty() ? "ok\n" : verbose ? "not ready: " + reason + "\n" : "not ready\n";
  Response response = text_response("text/plain; charset=utf-8", std::move(body));
  if (!reason.empty()) {
    response.status = 503;
    response.headers.emplace_back("Retry-After", "1");
  }
  exchange->respond(std::move(response));
}

void get_metrics(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  answer_later(site->pool, std::move(exchange), [site] {
    return text_response("text/plain; version=0.0.4; charset=utf-8",
                         site->services.metrics_text() + site->metrics.text());
  });
}

void get_openapi(const std::shared_ptr<Site>&, ExchangePtr exchange) {
  exchange->respond(text_response("application/json", openapi_text()));
}

void get_dashboard(const std::shared_ptr<Site>&, ExchangePtr exchange) {
  Response response = text_response("text/html; charset=utf-8", std::string(dashboard_html()));
  response.headers.emplace_back("Content-Security-Policy", std::string(dashboard_policy()));
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  exchange->respond(std::move(response));
}

}  // namespace lode::wire
