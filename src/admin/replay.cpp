#include "admin/replay.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "admin/comparison.h"
#include "admin/replay_memo.h"
#include "admin/replay_start.h"
#include "event/json_text.h"
#include "event/time.h"
#include "materialize/log_gap.h"
#include "materialize/replay.h"
#include "store/rocksdb_disk.h"

namespace lode::admin {

namespace {

using materialize::Build;
using materialize::Bystander;
using materialize::Generation;
using Action = ReplayRequest::Action;
using Role = Bystander::Role;

// Entries behind which the rest is applied while the one that serves stands still: a moment's work.
constexpr uint64_t kNear = materialize::BuildStatus::kNear;

Refusal refuse(std::string code, std::string detail) {
  return {409, {std::move(code), "", std::move(detail)}};
}

std::optional<Bystander> only(const ReplayPlace& place, Role role) {
  const auto all = place.succession.bystanders().in(role);
  if (all.empty()) return std::nullopt;
  return all.back();
}

class Replay {
 public:
  Replay(const ReplayPlace& place, const ReplayRequest& request, std::string_view memo, TaskControl& control)
      : place_(place), request_(request), control_(control), memo_(ReplayMemo::decode(memo)) {}

  std::string run();

 private:
  std::shared_ptr<Generation> serving() const { return place_.succession.current().get(); }
  record::EntryIndex serving_entry() const { return serving()->materializer().applied_entry(); }
  bool is_dry() const { return request_.action == Action::replay && request_.dry_run; }

  void discard_strays();
  void choose_folder();
  void prepare();
  record::EntryIndex prepare_copy();
  void put(uint64_t folder, Role role, const store::Checkpoint& at);
  void discard(uint64_t& folder);
  std::shared_ptr<Generation> build(const std::optional<record::EntryIndex>& to);
  bool follow(Build& build, const std::optional<record::EntryIndex>& to);
  void require_unchanged() const;
  void catch_up(Generation& built, record::EntryIndex to, bool cancellable);
  std::string exchange(std::shared_ptr<Generation> built);
  std::string compare_with_copy(std::shared_ptr<Generation> built);
  std::string result(bool exchanged, const std::string& more) const;

  const ReplayPlace& place_;
  const ReplayRequest& request_;
  TaskControl& control_;
  ReplayMemo memo_;
  uint64_t turn_ = 0, ruleset_hash_ = 0;
  uint64_t made_ = 0;  // offset up to which it was built
  const int64_t begun_micros_ = place_.clock.steady_micros();
  uint64_t begun_at_ = 0;  // offset at which this run went on
};

// One that would be promoted or rolled back to stays where it is when that is cancelled or fails.
std::string Replay::run() {
  turn_ = place_.succession.turn();
  ruleset_hash_ = serving()->ruleset_hash();
  if (memo_.folder != 0 && memo_.folder == place_.succession.controls().active.folder)
    return result(true, "");  // killed between the exchange and its report
  const bool own = request_.action == Action::replay;
  try {
    discard_strays();
    choose_folder();
    std::optional<record::EntryIndex> to;
    if (is_dry()) to = prepare_copy();
    if (auto built = build(to))
      return is_dry() ? compare_with_copy(std::move(built)) : exchange(std::move(built));
    if (own && !control_.stopping()) discard(memo_.folder);
    if (!control_.stopping()) discard(memo_.copy);
    return "";
  } catch (...) {
    if (own) discard(memo_.folder);
    discard(memo_.copy);
    throw;
  }
}

// Of a replay whose task is forgotten: there is one at a time.
void Replay::discard_strays() {
  for (const Role role : {Role::building, Role::copy})
    for (const Bystander& one : place_.succession.bystanders().in(role)) {
      uint64_t folder = one.folder;
      if (folder != memo_.folder && folder != memo_.copy) discard(folder);
    }
}

void Replay::choose_folder() {
  if (request_.action == Action::replay) return prepare();
  const auto there = only(place_, request_.action == Action::promote ? Role::built : Role::former);
  if (!there) throw std::runtime_error("what was there to be exchanged is gone");
  memo_.folder = there->folder;
  memo_.prepared = true;
  memo_.from = there->at.next_offset;
  control_.remember(memo_.encode());
}

void Replay::prepare() {
  const auto there = memo_.folder ? place_.succession.bystanders().find(memo_.folder) : std::nullopt;
  if (there && there->at.ruleset_hash != ruleset_hash_)
    throw std::runtime_error("the ruleset changed meanwhile: begin the replay again");
  if (there && memo_.prepared) return;
  const auto start = start_of(place_, request_.from);
  if (const auto* refusal = std::get_if<Refusal>(&start)) throw std::runtime_error(refusal->problem.detail);
  const auto& snapshot = std::get<std::optional<Bystander>>(start);
  discard(memo_.folder);
  memo_.folder = place_.succession.take_folder();
  memo_.prepared = false;
  memo_.from = snapshot ? snapshot->at.next_offset : 0;
  put(memo_.folder, Role::building, {0, 0, 0, ruleset_hash_});
  control_.remember(memo_.encode());
  if (snapshot) {
    const std::filesystem::path to = place_.folders.path(memo_.folder);
    store::RocksDbDisk::remove(to);  // of a try that was cut short
    store::RocksDbDisk::duplicate(place_.folders.path(snapshot->folder), to);
  }
  memo_.prepared = true;
  control_.remember(memo_.encode());
}

// The state that serves, standing still: old and new are compared where it is.
record::EntryIndex Replay::prepare_copy() {
  if (memo_.copy)
    if (const auto there = place_.succession.bystanders().find(memo_.copy);
        there && there->at.entry_index > 0)
      return {there->at.entry_index};
  discard(memo_.copy);
  {
    const auto held = place_.succession.current().hold();
    serving()->materializer().end_epoch_early();
  }
  serving()->state().wait_flushed();
  memo_.copy = place_.succession.take_folder();
  put(memo_.copy, Role::copy, {0, 0, 0, ruleset_hash_});
  control_.remember(memo_.encode());
  const store::Checkpoint at = place_.folders.copy(*serving(), memo_.copy);
  put(memo_.copy, Role::copy, at);
  return {at.entry_index};
}

void Replay::put(uint64_t folder, Role role, const store::Checkpoint& at) {
  place_.succession.bystanders().put({folder, role, at, place_.clock.now_micros()});
}

void Replay::discard(uint64_t& folder) {
  if (folder == 0 || folder == place_.succession.controls().active.folder) return;
  place_.folders.remove(folder);
  place_.succession.bystanders().remove(folder);
  folder = 0;
}

void Replay::require_unchanged() const {
  if (place_.succession.turn() != turn_)
    throw std::runtime_error(
        "the ruleset changed, or a state came from another node, meanwhile: begin the replay again");
}

// Up to that entry, or near to the one that serves. Null: the control ended it.
std::shared_ptr<Generation> Replay::build(const std::optional<record::EntryIndex>& to) {
  while (place_.succession.is_read(memo_.folder)) {  // of a rollback right behind an exchange
    control_.progress({"waiting for the last reader of the former state", 0, 0, ""});
    if (control_.cancelled()) return nullptr;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  auto open = [this, rules = serving()->ruleset()] { return place_.folders.open(rules, memo_.folder); };
  auto limit = [this, to] { return to ? *to : serving_entry(); };
  Build made(place_.log, place_.group, place_.hasher, open, limit, {request_.cores, request_.rate, true});
  const bool goes_on = follow(made, to);
  if (goes_on) made.hurry();
  auto built = made.finish(goes_on ? Build::Epochs::waited_for : Build::Epochs::given_up);
  if (!goes_on) return nullptr;
  if (const std::string trouble = made.trouble(); !trouble.empty()) throw std::runtime_error(trouble);
  made_ = built->materializer().next_offset().value;
  return built;
}

bool Replay::follow(Build& made, const std::optional<record::EntryIndex>& to) {
  bool opened = false;
  for (;;) {
    if (control_.cancelled()) return false;
    require_unchanged();
    if (const std::string trouble = made.trouble(); !trouble.empty()) throw std::runtime_error(trouble);
    const uint64_t next = made.next_offset().value;
    if (!opened && made.is_open()) {
      begun_at_ = next;
      opened = true;
    }
    if (opened) {
      const record::EntryIndex wanted = to ? *to : serving_entry();
      const uint64_t total = to ? place_.succession.bystanders().find(memo_.copy)->at.next_offset
                                : serving()->materializer().next_offset().value;
      control_.progress({"building", next, total, "records"});
      if (made.applied().value + (to ? 0 : kNear) >= wanted.value) return true;
    }
    made.wait_for(to ? *to : serving_entry(), std::chrono::milliseconds(50));
  }
}

void Replay::catch_up(Generation& built, record::EntryIndex to, bool cancellable) {
  materialize::Materializer& materializer = built.materializer();
  if (materializer.applied_entry() >= to) return;
  materialize::replay(place_.log, place_.group, {materializer.applied_entry().value + 1}, place_.hasher,
                      [&](const materialize::CommittedEntry& entry) {
                        materializer.apply(entry, nullptr);
                        return entry.index < to && !(cancellable && control_.cancelled());
                      });
}

std::string Replay::exchange(std::shared_ptr<Generation> built) {
  constexpr int kTries = 20;  // then those who write wait for what is left
  std::string differs;
  for (int i = 0; i < kTries && built->materializer().applied_entry().value + kNear < serving_entry().value;
       ++i) {
    control_.progress({"catching up", built->materializer().next_offset().value,
                       serving()->materializer().next_offset().value, "records"});
    catch_up(*built, serving_entry(), true);
    if (control_.cancelled()) break;
  }
  if (control_.cancelled()) {
    built.reset();
    if (request_.action == Action::replay && !control_.stopping()) discard(memo_.folder);
    return "";
  }
  {
    const auto held = place_.succession.current().hold();
    require_unchanged();
    catch_up(*built, serving_entry(), false);
    if (built->materializer().applied_entry() != serving_entry())
      throw std::runtime_error("the log ends before the state that serves: it has to be verified");
    const auto was = serving()->materializer().state_hash().digests;
    const auto is = built->materializer().state_hash().digests;
    auto add = [&](const auto& one, const auto& other) {
      for (size_t k = 0; k < one.size() && k < other.size(); ++k)
        if (one[k].digest != other[k].digest)
          differs += std::string(differs.empty() ? "\"" : ",\"") + std::string(one[k].name) + "\"";
    };
    add(was.tables, is.tables);
    add(was.views, is.views);
    made_ = built->materializer().next_offset().value;
    place_.succession.replace(std::move(built), memo_.folder, held);
  }
  place_.succession.tidy();
  return result(true, ",\"differs\":[" + differs + "]");
}

std::string Replay::compare_with_copy(std::shared_ptr<Generation> built) {
  built->materializer().checkpoint();
  const auto copy = place_.folders.open(built->ruleset(), memo_.copy);
  if (copy->materializer().applied_entry() != built->materializer().applied_entry())
    throw std::runtime_error("old and new can't be compared: they don't stand at the same entry");
  const bool all = !request_.silver && request_.view.empty();
  const std::string report =
      compare(*copy, *built, {all || request_.silver, !request_.silver, request_.view}, control_);
  const store::Checkpoint at = built->state().checkpoint();
  built.reset();
  if (report.empty()) {
    if (control_.stopping()) return "";
    discard(memo_.folder);
    discard(memo_.copy);
    return "";
  }
  for (const Bystander& before : place_.succession.bystanders().in(Role::built)) {
    uint64_t folder = before.folder;
    discard(folder);
  }
  put(memo_.folder, Role::built, at);
  discard(memo_.copy);
  return result(false, ",\"comparison\":" + report);
}

std::string Replay::result(bool exchanged, const std::string& more) const {
  const double seconds = static_cast<double>(place_.clock.steady_micros() - begun_micros_) / 1e6;
  const uint64_t records = made_ > begun_at_ ? made_ - begun_at_ : 0;
  return fmt::format(
      R"({{"exchanged":{},"from_offset":{},"offset":{},"records":{},"seconds":{:.3f},"records_per_second":{:.0f}{}}})",
      exchanged, memo_.from, static_cast<int64_t>(made_) - 1, records, seconds,
      seconds > 0 ? static_cast<double>(records) / seconds : 0, more);
}

std::string drop(const ReplayPlace& place) {
  uint64_t dropped = 0;
  for (const Role role : {Role::former, Role::built})
    for (const Bystander& one : place.succession.bystanders().in(role)) {
      place.succession.remove_bystander(one.folder);
      ++dropped;
    }
  return fmt::format(R"({{"dropped":{}}})", dropped);
}

}  // namespace

std::optional<Refusal> check_replay(const ReplayPlace& place, const ReplayRequest& request) {
  const auto serving = place.succession.current().get();
  if (!request.view.empty() && !serving->gold().find(request.view))
    return Refusal{404, {"unknown_view", "/view", "There is no such view."}};
  if (place.succession.build())
    return refuse("change_in_progress", "Another ruleset is being built: ask again when it is in force.");
  auto behind = [&](const std::optional<Bystander>& one, std::string code,
                    std::string detail) -> std::optional<Refusal> {
    if (!one) return refuse(std::move(code), std::move(detail));
    if (const auto gap = materialize::gap_behind(place.log, place.group, {one->at.entry_index}))
      return refuse("truncated", "The log no longer has entries " + std::to_string(gap->first.value) +
                                     " to " + std::to_string(gap->last.value) +
                                     ", from which that state would have to go on.");
    return std::nullopt;
  };
  switch (request.action) {
    case Action::promote:
      return behind(only(place, Role::built), "nothing_built", "No dry run has built anything that is kept.");
    case Action::rollback:
      return behind(only(place, Role::former), "no_former",
                    "No former state is kept: there is nothing to go back to.");
    case Action::drop:
      return std::nullopt;
    case Action::replay:
      break;
  }
  const auto start = start_of(place, request.from);
  if (const auto* refusal = std::get_if<Refusal>(&start)) return *refusal;
  return std::nullopt;
}

std::string run_replay(const ReplayPlace& place, const ReplayRequest& request, std::string_view memo,
                       TaskControl& control) {
  if (request.action == Action::drop) return drop(place);
  return Replay(place, request, memo, control).run();
}

std::string bystanders_json(const materialize::Bystanders& bystanders) {
  constexpr std::string_view kRoles[] = {"", "building", "built", "former", "snapshot", "copy"};
  std::string out = "[";
  for (const Bystander& one : bystanders.all())
    out += fmt::format(
        R"({}{{"name":"{}.{}","role":"{}","offset":{},"entry":{},"as_of_time":{},"made_at":"{}"}})",
        out.size() > 1 ? "," : "", kRoles[static_cast<size_t>(one.role)], one.folder,
        kRoles[static_cast<size_t>(one.role)], static_cast<int64_t>(one.at.next_offset) - 1,
        one.at.entry_index,
        one.at.next_offset ? '"' + event::format_rfc3339({one.at.record_micros}) + '"' : "null",
        event::format_rfc3339({one.made_micros}));
  return out + "]";
}

}  // namespace lode::admin
