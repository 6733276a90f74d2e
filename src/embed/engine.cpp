#include "lode/engine.h"

#include <future>
#include <shared_mutex>
#include <utility>

#include "embed/answers.h"
#include "embed/running.h"
#include "query/silver_query.h"

namespace lode {

namespace {

using embed::Running;

// The events of `json`, or why it can't be split into events.
std::optional<Refusal> decode(Running& running, std::string_view json, event::EventBatch& batch) {
  auto decoder = running.take_decoder();
  auto problem = decoder->decode_json(std::make_shared<const std::string>(json), batch);
  running.give_back(std::move(decoder));
  if (!problem) return std::nullopt;
  const int status = problem->code == "too_many_events" ? 413 : 400;
  return embed::refusal_of(status, std::move(*problem));
}

std::string json_of(const std::vector<Event>& events) {
  std::string out = "[";
  for (const Event& event : events) {
    if (out.size() > 1) out += ',';
    out += to_json(event);
  }
  return out + "]";
}

bool is_view(const Running::Call& engine, std::string_view name) {
  return engine->sources()->gold.gold.find(name) != nullptr;
}

}  // namespace

Engine::Engine(std::shared_ptr<Running> running) : running_(std::move(running)) {}
Engine::Engine(Engine&&) noexcept = default;

Engine& Engine::operator=(Engine&& other) noexcept {
  if (this == &other) return *this;
  const Engine closed(std::move(*this));
  running_ = std::move(other.running_);
  return *this;
}

Engine::~Engine() {
  if (running_) running_->close();
}

Engine Engine::open(const std::string& folder, const Options& options) {
  return Engine(std::make_shared<Running>(folder, options));
}

Running& Engine::running() const {
  if (!running_) throw std::logic_error("this lode::Engine was moved from");
  return *running_;
}

void Engine::close() { running().close(); }

void Engine::append_async(std::string_view json, const AppendOptions& options,
                          std::function<void(AppendResult)> done) {
  Running::Call engine(running());
  ingest::Request request;
  request.ack = options.ack == Ack::applied ? ingest::Ack::applied : ingest::Ack::committed;
  request.all_results = options.all_verdicts;
  if (auto refused = decode(running(), json, request.batch)) {
    AppendResult result;
    result.refusal = std::move(refused);
    return done(std::move(result));
  }
  engine->ingest().submit(std::move(request), [done = std::move(done)](ingest::Answer answer) {
    done(embed::append_result(std::move(answer)));
  });
}

AppendResult Engine::append(std::string_view json, const AppendOptions& options) {
  std::promise<AppendResult> given;
  auto answer = given.get_future();
  append_async(json, options, [&given](AppendResult result) { given.set_value(std::move(result)); });
  return answer.get();
}

AppendResult Engine::append(const Event& event, const AppendOptions& options) {
  return append(to_json(event), options);
}

AppendResult Engine::append(const std::vector<Event>& events, const AppendOptions& options) {
  return append(json_of(events), options);
}

Rows Engine::query(std::string_view view_or_table, const Parameters& parameters) const {
  const Running::Call engine(running());
  const auto sources = engine->sources();
  if (is_view(engine, view_or_table))
    return embed::rows_of(query::query_gold(sources->gold, view_or_table, parameters));
  return embed::rows_of(query::query_silver(sources->silver, view_or_table, parameters));
}

Rows Engine::find(std::string_view table, std::string_view key) const {
  const Running::Call engine(running());
  return embed::rows_of(query::query_silver_row(engine->sources()->silver, table, key));
}

std::vector<std::string> Engine::views() const {
  const Running::Call engine(running());
  std::vector<std::string> names;
  for (const gold::View& view : engine->sources()->gold.gold.views()) names.push_back(view.name);
  return names;
}

std::int64_t Engine::applied_offset() const {
  const Running::Call engine(running());
  return engine->applied().get().offset;
}

std::string Engine::status() const {
  const Running::Call engine(running());
  return engine->status_json();
}

}  // namespace lode
