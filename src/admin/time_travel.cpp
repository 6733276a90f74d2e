#include "admin/time_travel.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "admin/data_copy.h"
#include "admin/past.h"
#include "admin/replay_start.h"
#include "event/json_text.h"
#include "materialize/decode_ahead.h"
#include "materialize/log_gap.h"
#include "snapshot/rate_bound.h"
#include "store/rocksdb_disk.h"

namespace lode::admin {

namespace {

using materialize::Bystander;
using materialize::CommittedEntry;
using materialize::Generation;

Refusal refuse(int status, std::string code, std::string pointer, std::string detail) {
  return {status, {std::move(code), std::move(pointer), std::move(detail)}};
}

// The last entry that is wanted, and how many of its items; all when it says nothing.
struct Cut {
  record::EntryIndex entry;
  std::optional<uint32_t> items;
};

// Of an offset that is applied.
Cut cut_at(const Generation& serving, record::Offset last) {
  std::shared_lock lock(serving.state().mutex());
  const auto entry = serving.index().find(last);
  if (!entry) throw std::runtime_error("the state that serves doesn't know which entry holds that offset");
  return {entry->entry, entry->item_of(last).value_or(entry->item_count - 1) + 1};
}

// What belongs to the entries up to the cut, or to the time.
class Bound {
 public:
  Bound(std::optional<Cut> cut, std::optional<event::Micros> time) : cut_(cut), time_(time) {}

  // False: the entry is behind it, as all that follow are. May leave out items at its end.
  bool take(CommittedEntry& entry) {
    if (time_)
      return entry.slices.empty() || (latest_ = std::max(latest_, entry.receive_time.value)) <= time_->value;
    if (entry.index > cut_->entry) return false;
    if (entry.index == cut_->entry && cut_->items && !entry.slices.empty())
      entry.slices.front().count = std::min(entry.slices.front().count, *cut_->items);
    return true;
  }
  std::optional<record::EntryIndex> last() const { return cut_ ? std::optional(cut_->entry) : std::nullopt; }

 private:
  const std::optional<Cut> cut_;
  const std::optional<event::Micros> time_;
  int64_t latest_ = 0;  // time doesn't go back from record to record
};

class Travel {
 public:
  Travel(const ReplayPlace& place, const TravelRequest& request, TaskControl& control)
      : place_(place), request_(request), control_(control), serving_(place.succession.current().get()) {}

  std::string run(std::string_view memo);

 private:
  void prepare();
  bool apply(Generation& generation);
  void remove() const;

  const ReplayPlace& place_;
  const TravelRequest& request_;
  TaskControl& control_;
  const std::shared_ptr<Generation> serving_;
  const std::filesystem::path state_ = Past::state_in(request_.into);
};

std::string Travel::run(std::string_view memo) {
  if (is_past(request_.into)) {  // killed before it could say so
    const Past past(request_.into);
    return fmt::format(R"({{"offset":{}}})", past.mark().offset);
  }
  try {
    if (memo.empty() || !std::filesystem::exists(state_)) prepare();
    auto open = [&](const auto& families) { return std::make_unique<store::RocksDbDisk>(state_, families); };
    auto generation =
        std::make_shared<Generation>(serving_->ruleset(), place_.hasher, materialize::Settings{}, open);
    if (generation->dropped_rows()) throw std::runtime_error("the ruleset changed meanwhile: begin again");
    if (!apply(*generation)) {
      generation.reset();
      if (!control_.stopping()) remove();
      return "";
    }
    generation->materializer().checkpoint();
    const materialize::AppliedPosition at = generation->materializer().position();
    const std::string hash = generation->materializer().state_hash().digests.all().hex();
    generation.reset();
    const auto secret = place_.log.get_meta("secret");
    mark_past(request_.into, {at.offset, at.record_micros, place_.clock.now_micros(),
                              secret.value_or(std::string(16, 0)), serving_->ruleset().encode()});
    std::string into;
    event::append_quoted(into, request_.into.string());
    return fmt::format(R"({{"into":{},"offset":{},"as_of_time":{},"state_hash":"{}"}})", into, at.offset,
                       at.offset < 0 ? "null" : '"' + event::format_rfc3339({at.record_micros}) + '"', hash);
  } catch (...) {
    remove();
    throw;
  }
}

// The nearest kept snapshot before the point, else nothing.
void Travel::prepare() {
  std::filesystem::create_directories(request_.into);
  std::filesystem::permissions(request_.into, std::filesystem::perms::owner_all);
  std::filesystem::remove_all(state_);
  auto start = start_of(place_, request_.to);
  if (std::holds_alternative<Refusal>(start)) start = start_of(place_, std::nullopt);
  if (const auto* refusal = std::get_if<Refusal>(&start)) throw std::runtime_error(refusal->problem.detail);
  const auto& snapshot = std::get<std::optional<Bystander>>(start);
  if (snapshot && !is_before(*snapshot, request_.to))
    throw std::runtime_error(
        "the log no longer has what came before that point, and no snapshot of the state is kept there");
  if (snapshot) store::RocksDbDisk::duplicate(place_.folders.path(snapshot->folder), state_);
  control_.remember(R"({"prepared":true})");
}

// False: the control ended it.
bool Travel::apply(Generation& generation) {
  materialize::Materializer& materializer = generation.materializer();
  std::optional<Cut> cut;
  if (request_.to.offset) cut = cut_at(*serving_, *request_.to.offset);
  Bound bound(cut, request_.to.time);
  const uint64_t total =
      request_.to.offset ? request_.to.offset->value + 1 : serving_->materializer().next_offset().value;
  const record::EntryIndex from{materializer.applied_entry().value + 1};
  const record::EntryIndex last = bound.last().value_or(serving_->materializer().applied_entry());
  if (from > last) return true;
  materialize::require_replayable(place_.log, place_.group, {from.value - 1});
  generation.expect(last.value - from.value + 1);
  materializer.set_replaying(true);
  materialize::DecodeAhead ahead(place_.log, place_.group, from, last, place_.hasher,
                                 std::max(1U, request_.cores - 1));
  snapshot::RateBound pace(request_.rate);
  while (const auto decoded = ahead.next()) {
    if (!bound.take(decoded->entry)) break;
    const uint64_t before = materializer.next_offset().value;
    materializer.apply(decoded->entry, nullptr);
    control_.progress({"building", materializer.next_offset().value, total, "records"});
    pace.sent(materializer.next_offset().value - before, place_.clock.steady_micros());
    while (!control_.cancelled() && pace.wait_micros(place_.clock.steady_micros()) > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (control_.cancelled()) return false;
  }
  return true;
}

// The folder itself was perhaps there before.
void Travel::remove() const {
  std::error_code ignored;
  std::filesystem::remove_all(state_, ignored);
  std::filesystem::remove(request_.into / "past.json.new", ignored);
}

}  // namespace

std::variant<TravelRequest, Refusal> parse_travel(std::string_view parameters) {
  simdjson::dom::parser parser;
  const simdjson::dom::object members = parser.parse(parameters.data(), parameters.size());
  TravelRequest out;
  std::string_view text;
  if (members["to"].get(text) || !parse_point(text))
    return refuse(400, "invalid_value", "/to", std::string(kPointHint));
  out.to = *parse_point(text);
  if (members["into"].get(text) || text.empty() || text.front() != '/')
    return refuse(400, "invalid_value", "/into", "Send the absolute path of a folder on the server's disk.");
  out.into = std::filesystem::path(text).lexically_normal();
  uint64_t number = 0;
  if (!members["cores"].get(number)) {
    if (number == 0 || number > 256) return refuse(400, "invalid_value", "/cores", "Send 1 to 256.");
    out.cores = static_cast<uint32_t>(number);
  }
  if (out.cores == 0) out.cores = std::max(2U, std::thread::hardware_concurrency());
  if (!members["rate"].get(number)) out.rate = number;
  return out;
}

std::optional<Refusal> check_travel(const ReplayPlace& place, const TravelRequest& request) {
  if (is_inside(request.into, place.folders.path(0).parent_path()))
    return refuse(400, "invalid_value", "/into",
                  "That is in the server's data folder: name a folder outside of it.");
  std::error_code error;
  if (std::filesystem::exists(request.into, error) && !std::filesystem::is_empty(request.into, error))
    return refuse(409, "folder_in_use", "/into",
                  "There is something in that folder: name one that is empty or absent.");
  const uint64_t next = place.succession.current().get()->materializer().next_offset().value;
  if (request.to.offset && request.to.offset->value >= next)
    return refuse(400, "invalid_value", "/to",
                  next == 0 ? "No record is applied yet."
                            : "The last record that is applied is " + std::to_string(next - 1) + ".");
  if (std::holds_alternative<std::optional<Bystander>>(start_of(place, request.to))) return std::nullopt;
  if (!materialize::gap_behind(place.log, place.group, {0})) return std::nullopt;
  return refuse(
      409, "truncated", "/to",
      "The log no longer has what came before that point, and no snapshot of the state is kept there.");
}

std::string run_travel(const ReplayPlace& place, const TravelRequest& request, std::string_view memo,
                       TaskControl& control) {
  return Travel(place, request, control).run(memo);
}

}  // namespace lode::admin
