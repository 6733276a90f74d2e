#include "admin/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "admin/stopped_data.h"
#include "admin/verify_log.h"
#include "admin/verify_rows.h"
#include "event/json_text.h"
#include "materialize/state_hash.h"
#include "record/batch.h"
#include "store/rocksdb_disk.h"

namespace lode::admin {

namespace {

namespace fs = std::filesystem;
using materialize::Generation;

class Verification {
 public:
  Verification(const DataCopy& copy, bool deep, const Watch& watch) : copy_(copy), watch_(watch) {
    report_.deep = deep;
  }

  VerifyReport run() {
    count_files();
    if (open_log()) {
      open_state();
      look_at_log();
      if (state_) look_at_state();
    }
    std::stable_sort(report_.damage.begin(), report_.damage.end(),
                     [](const Damage& a, const Damage& b) { return a.cure > b.cure; });
    return std::move(report_);
  }

 private:
  void count_files() {
    for (const auto& entry : fs::recursive_directory_iterator(copy_.folder())) {
      if (!entry.is_regular_file()) continue;
      report_.files += 1;
      report_.bytes += entry.file_size();
    }
  }

  bool open_log() {
    try {
      data_ = std::make_unique<StoppedData>(copy_.log_folder());
      return true;
    } catch (const std::runtime_error& error) {
      add("log", error.what(), Damage::Cure::restore);
      report_.not_looked.emplace_back("the state: it is read by what the log says of it");
      return false;
    }
  }

  void open_state() {
    if (!fs::exists(copy_.state_folder())) {
      report_.not_looked.emplace_back("the state: there is none, the next start makes it from the log");
      return;
    }
    try {
      watch_.tell("reading the state's files", 0, 0);
      state_ =
          data_->open_state(copy_.state_folder(), [](const store::RocksDbDisk& disk) { disk.check_files(); });
    } catch (const store::Damaged& error) {
      add("state", error.what(), Damage::Cure::rebuild);
    } catch (const std::runtime_error& error) {  // other rules, other families: no damage
      report_.not_looked.push_back("the state: " + std::string(error.what()));
    }
  }

  void look_at_log() {
    try {
      take(check_log(*data_, state_.get(), watch_));
    } catch (const store::Damaged& error) {
      add("batch index", error.what(), Damage::Cure::rebuild);
      state_ = nullptr;
      take(check_log(*data_, nullptr, watch_));
    }
  }
  void take(LogCheck check) {
    log_is_whole_ = check.damage.empty() || check.damage.front().part != "log";
    report_.entries = check.entries;
    report_.records = check.records;
    report_.damage.insert(report_.damage.end(), check.damage.begin(), check.damage.end());
  }

  void look_at_state() {
    try {
      const auto hash = state_->materializer().state_hash();
      report_.last_offset = hash.offset;
      report_.state_hash = hash.digests.all().hex();
      if (report_.deep) look_deep();
    } catch (const store::Damaged& error) {
      add("state", error.what(), Damage::Cure::rebuild);
    }
  }

  void look_deep() {
    watch_.check();
    watch_.tell("adding up all rows", 0, 0);
    const auto kept = materialize::digests_of(state_->tables(), state_->gold());
    const auto rows = materialize::scan_digests(state_->tables(), state_->gold());
    const size_t before = report_.damage.size();
    if (log_is_whole_ && data_->log().first_index(kOnlyGroup).value == 1) {
      compare_with_log();
    } else {
      report_.not_looked.emplace_back(
          log_is_whole_ ? "the rows against the log: its beginning is gone, so nothing can be made of it"
                        : "the rows against the log: it is damaged");
    }
    if (report_.damage.size() > before) return;  // named by row
    auto compare = [&](std::string_view of, const auto& a, const auto& b) {
      for (size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i])
          add(std::string(of) + a[i].name, "its rows are not those that its digest stands for",
              Damage::Cure::rebuild);
    };
    compare("silver.", kept.tables, rows.tables);
    compare("gold.", kept.views, rows.views);
  }

  void compare_with_log() {
    const fs::path scratch = copy_.folder() / "recompute";
    const auto expected = data_->open_state(scratch);
    const record::EntryIndex end = state_->materializer().applied_entry();
    data_->apply(*expected, end, [&](record::EntryIndex at) {
      watch_.check();
      watch_.tell("making silver and gold anew", at.value, end.value, "entries");
      return true;
    });
    if (expected->materializer().applied_entry() != end)
      throw std::logic_error("the recompute did not come to its end");
    const RowCheck rows = compare_rows(*state_, *expected, watch_);
    report_.rows = rows.rows;
    report_.damage.insert(report_.damage.end(), rows.damage.begin(), rows.damage.end());
  }

  void add(std::string part, std::string what, Damage::Cure cure) {
    report_.damage.push_back({std::move(part), std::nullopt, std::nullopt, "", std::move(what), cure});
  }

  const DataCopy& copy_;
  const Watch& watch_;
  std::unique_ptr<StoppedData> data_;
  std::unique_ptr<Generation> state_;
  bool log_is_whole_ = true;
  VerifyReport report_;
};

std::string in_quotes(std::string_view text) {
  std::string out;
  event::append_quoted(out, text);
  return out;
}

std::string json_of(const Damage& damage) {
  auto number = [](const auto& value) { return value ? std::to_string(*value) : "null"; };
  return fmt::format(R"({{"part":{},"entry":{},"offset":{},"key":{},"what":{},"advice":{}}})",
                     in_quotes(damage.part), number(damage.entry), number(damage.offset),
                     damage.key.empty() ? "null" : in_quotes(damage.key), in_quotes(damage.what),
                     in_quotes(advice_of(damage)));
}

}  // namespace

VerifyReport verify(const DataCopy& copy, bool deep, const Watch& watch) {
  return Verification(copy, deep, watch).run();
}

std::string advice_of(const Damage& damage) {
  switch (damage.cure) {
    case Damage::Cure::rebuild:
      return "The log is the truth: `lodectl repair` makes silver and gold anew from it.";
    case Damage::Cure::fetch:
      return "`lodectl repair` fetches the entry from another node, `lodectl repair --from BACKUP_DIR` from "
             "a backup.";
    case Damage::Cure::restore:
      return "`lodectl repair --from BACKUP_DIR` puts files that a backup has in their place; else restore a "
             "backup "
             "(`lodectl restore`), or, in a cluster, take this node out and an empty one in (`lodectl "
             "cluster replace`).";
  }
  return "";
}

std::string json_of(const VerifyReport& report) {
  std::string damage, not_looked;
  for (const Damage& one : report.damage) damage += (damage.empty() ? "" : ",") + json_of(one);
  for (const std::string& one : report.not_looked)
    not_looked += (not_looked.empty() ? "" : ",") + in_quotes(one);
  return fmt::format(
      R"({{"whole":{},"deep":{},"files":{},"bytes":{},"entries":{},"records":{},"last_offset":{},)"
      R"("rows":{},"state_hash":{},"damage":[{}],"not_looked":[{}]}})",
      report.is_whole(), report.deep, report.files, report.bytes, report.entries, report.records,
      report.last_offset, report.rows, report.state_hash.empty() ? "null" : in_quotes(report.state_hash),
      damage, not_looked);
}

}  // namespace lode::admin
