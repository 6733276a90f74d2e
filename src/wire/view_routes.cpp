#include "wire/view_routes.h"

#include "gold/gold.h"
#include "query/filters.h"
#include "wire/answer_later.h"
#include "wire/cluster_routes.h"
#include "wire/command_body.h"
#include "wire/json_text.h"
#include "wire/media_type.h"
#include "wire/problem.h"
#include "wire/read.h"
#include "wire/read_parameters.h"
#include "wire/view_answers.h"

namespace lode::wire {
namespace {

constexpr std::string_view kToml = "application/toml";
constexpr uint64_t kBodyBytes = 4 << 20;

admin::ViewCatalogue catalogue_of(const Site& site) {
  if (site.services.views) return site.services.views();
  return admin::catalogue_of(site.services.gold()->gold.views(), nullptr, nullptr, std::nullopt);
}

query::Answer<query::Result> list_views(const Site& site, const query::Parameters& parameters) {
  if (auto failure = query::check_names(parameters, {}, "views")) return *failure;
  const auto applied = site.services.applied.get();
  query::Result result = view_rows(catalogue_of(site));
  result.position = {applied.offset, applied.record_micros};
  return result;
}

// It says how far a build is, which no ETag knows.
void get_views(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  answer_read(site, std::move(exchange), {.run = list_views, .point = true, .tagged = false});
}

void get_view(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  answer_later(site->pool, exchange, [site, name = exchange->request().captures.at(0)]() -> Response {
    const admin::ViewCatalogue catalogue = catalogue_of(*site);
    const admin::CatalogueEntry* entry = catalogue.find(name);
    if (!entry) {
      auto unknown = std::get<query::Failure>(query::query_gold(*site->services.gold(), name, {}));
      return problem_response(unknown.status, unknown.problem);
    }
    Response response;
    response.content_type = kToml;
    response.headers.emplace_back("Cache-Control", "no-cache");
    response.body = gold::to_toml(entry->view);
    return response;
  });
}

// A declaration as it is is taken, too.
bool is_toml(const Request& request) {
  const auto type = parse_media_type(request.header("content-type"));
  return type && type->name == kToml;
}

void post_change(const std::shared_ptr<Site>& site, ExchangePtr exchange) {
  if (!site->services.change_views)
    return exchange->respond(
        problem_response(409, "no_views", "The views of this program can't be changed."));
  Request& request = exchange->request();
  const std::string action = request.path.substr(request.path.rfind('/') + 1);
  const bool toml = is_toml(request) && (action == "check" || action == "apply");
  if (auto refused = refuse_body(request, toml ? kToml : "application/json", kBodyBytes))
    return exchange->respond(std::move(*refused));
  std::string body = *request.body;
  if (toml) body = "{\"declarations\":[{\"text\":" + json_string(body) + "}]}";
  answer_command(site->pool, std::move(exchange),
                 [site, action, body = std::move(body)](std::function<void(ClusterAnswer)> done) {
                   site->services.change_views(action, body, std::move(done));
                 });
}

const std::vector<std::string_view> kJson = {"application/json"};
const std::vector<std::string_view> kProblem = {"application/problem+json"};

Route change_route(std::string_view path, std::string_view name, std::string_view summary,
                   std::string_view schema, std::string_view answer, bool takes_toml = false) {
  return {
      .method = Method::post,
      .path = path,
      .name = name,
      .summary = summary,
      .answers =
          {{200, "What changes. It is done, or under way when done is false: GET /v1/views shows how far.",
            answer, kJson},
           {400,
            "invalid_view: each sentence names file, line and what was probably meant; or the body is not "
            "what this takes. pointer says where.",
            "Problem", kProblem},
           {404, "unknown_view: there is none to drop.", "Problem", kProblem},
           {409,
            "change_in_progress: another change is being built; ruleset_changed: what the change was made "
            "from "
            "is not in force any more; truncated: the log has lost its beginning, so nothing can be built; "
            "nothing_announced: there is nothing to cancel.",
            "Problem", kProblem},
           {413, "Too large.", "Problem", kProblem},
           {415, "Not the content type.", "Problem", kProblem},
           {429, "Too many requests wait: see Retry-After.", "Problem", kProblem},
           {503, "busy, not_ready, no_leader: ask again; outcome_unknown: look at GET /v1/views.", "Problem",
            kProblem}},
      .body_types = takes_toml ? std::vector<std::string_view>{"application/json", kToml} : kJson,
      .body_schema = schema,
      .handle = post_change};
}

std::vector<Route> change_routes() {
  return {
      change_route("/v1/admin/views/check", "checkViews",
                   "What would change if these declarations were applied; nothing does.", "ViewDeclarations",
                   "ViewChanges", true),
      change_route("/v1/admin/views/apply", "applyViews",
                   "Add views, or put others in their places, on all nodes at the same record: built beside "
                   "those that serve, which answer until then.",
                   "ViewDeclarations", "ViewChanges", true),
      change_route("/v1/admin/views/drop", "dropViews", "Drop views, on all nodes at the same record.",
                   "ViewNames", "ViewChanges"),
      change_route("/v1/admin/views/cancel", "cancelViews",
                   "Take back the change that is being built; what serves stays.", "NoMembers", "Done")};
}

}  // namespace

std::vector<Route> view_routes() {
  std::vector<Route> all = change_routes();
  all.push_back(
      {.path = "/v1/views",
       .name = "listViews",
       .summary = "The views with their keys and measures, their state, and how far a change of them is.",
       .parameters = reading({}),
       .answers = read_answers("Rows", row_types()),
       .is_read = true,
       .handle = get_views});
  all.push_back(
      {.path = "/v1/views/{view}",
       .name = "readView",
       .summary =
           "A view's declaration as it could be applied again; of one that is only being built, that one.",
       .parameters = {{Parameter::In::path, "view", R"({"type":"string"})", "Its name."}},
       .answers = {{200, "TOML.", "", {kToml}}, {404, "unknown_view: there is none.", "Problem", kProblem}},
       .handle = get_view});
  return all;
}

}  // namespace lode::wire
