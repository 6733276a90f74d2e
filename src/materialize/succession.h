// One generation after another, as the log's controls say: it builds the announced one beside the one that
// serves, and puts it in its place at the entry that says so, on every node the same. Wherever the process
// dies, the next start goes on from the controls' state and the rows' checkpoints to the same answer.
//
// Threads: the apply thread comes in through current(); everything else from any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "materialize/build.h"
#include "materialize/bystanders.h"
#include "materialize/compactions.h"
#include "materialize/control_state.h"
#include "materialize/current.h"

namespace lode::materialize {

// Where generations lie. A folder is known by its number.
class Folders {
 public:
  virtual ~Folders() = default;
  // Throws as Generation does.
  virtual std::shared_ptr<Generation> open(const Ruleset& ruleset, uint64_t folder) = 0;
  virtual void remove(uint64_t folder) = 0;  // not open, or not there
  // The generation's rows as they are on its disk now, in another folder, by hard links. Throws as
  // store::Disk::copy_to().
  virtual store::Checkpoint copy(const Generation& of, uint64_t folder) = 0;
  // Of those that lie on a disk.
  virtual std::filesystem::path path(uint64_t folder) const = 0;
  // Removes those that are not in `kept`; none is open.
  virtual void sweep(const std::vector<uint64_t>& kept) = 0;
};

struct BuildStatus {
  uint64_t ruleset_hash = 0;
  record::EntryIndex announced;          // by this entry
  record::EntryIndex entry, of;          // built up to, and what the one that serves has
  uint64_t records = 0, of_records = 0;  // the same in records
  double records_a_second = 0;           // 0: not known yet
  bool waited_for = false;               // the switch is there: apply waits
  std::string trouble;                   // why it can't be built here; "" while it goes on
  bool is_near() const {
    return trouble.empty() && entry.value + kNear >= of.value && records + kNearRecords >= of_records;
  }
  // A moment's work, for which apply may wait.
  static constexpr uint64_t kNear = 64;  // entries
  static constexpr uint64_t kNearRecords = 20'000;
};

class Succession {
 public:
  struct Place {
    log::Log& log;
    record::GroupId group;
    const store::Hasher& hasher;
    Folders& folders;
    // The only member of its group: it may take its own program's rules without asking others, and has nobody
    // to get a state from. Asked at the start.
    std::function<bool()> is_alone;
    std::function<void(const std::string& sentence)> say;
  };
  // All outlive it. `configured`: what the files say; it seeds a new log, and is taken instead of what is
  // there where no control could say so. Throws std::runtime_error with a sentence when this program can't
  // serve what the log has; record::Corruption.
  Succession(Place place, const Ruleset& configured, Applied& applied, bool remove_rows = false);
  ~Succession();  // stop()

  Current& current() { return *current_; }
  const Current& current() const { return *current_; }
  ControlState controls() const;
  std::optional<BuildStatus> build() const;
  // Why the rows that lay here are not used: "" when they are.
  std::string why_rebuild() const { return why_rebuild_; }

  // Keeps what the files seeded, once the folder is that of a group.
  void keep() const;
  // The log goes on from its end as a group of its own: controls that were told and are not in it never will
  // be, and others may come in their place. Before the group starts.
  void forget_lost();
  // Before the group starts: applies what the log holds beyond the checkpoint. `keep_going` is asked after
  // each entry, with the index just applied.
  void replay(const std::function<bool(record::EntryIndex)>& keep_going);
  // The build gets what it needs: somebody waits.
  void hurry();

  // Takes a state that came from another node: `place` puts its files into the folder of that number.
  // `controls`: that node's controls().encode(), asked for after its files were made, so that no control is
  // missed between the two. Throws std::runtime_error when the two are of different rulesets, or the state
  // is behind what is here: then nothing has changed.
  void adopt(const std::string& controls, const std::function<void(uint64_t folder)>& place);

  // Generations beside the one that serves, and who makes them: one replay at a time. A folder number is
  // taken before its bystander is put, and that before anything lies there, snapshots aside: what is not
  // listed is swept at the next start.
  Bystanders& bystanders() { return *bystanders_; }
  const Bystanders& bystanders() const { return *bystanders_; }
  uint64_t take_folder();
  // What the log says is compacted.
  Compactions& compactions() { return compactions_; }
  const Compactions& compactions() const { return compactions_; }
  // Another number after each change of the ruleset and each state that came from elsewhere: what a replay
  // was building is of no use then.
  uint64_t turn() const { return turn_; }
  // Whether somebody still reads from a generation there that was replaced: it can't be opened then.
  bool is_read(uint64_t folder) const;
  // It is none any more; its folder goes, with its last reader if one is there.
  void remove_bystander(uint64_t folder);
  // Puts `next`, of the same ruleset and turn, in the place of the one that serves, which becomes the former
  // one; the former one before it is removed. `folder`: where `next` lies. With Current held.
  void replace(std::shared_ptr<Generation> next, uint64_t folder, const Current::Lock& held);

  // Lets go of generations that were succeeded; closes and removes them unless somebody still reads. From
  // time to time, on a thread that may take a while.
  void tidy();

  void interrupt();  // whoever waits for a build gives up: before the end
  void stop();       // nothing is applied any more; brings what was built onto the disk. One thread

 private:
  bool on_control(const CommittedEntry& entry, Current::Lock& applying);
  bool switch_over(const CommittedEntry& entry, Current::Lock& applying);
  void announce(const CommittedEntry& entry);
  void change(ControlState next);
  void start_build();
  void drop_build();
  void succeed(std::shared_ptr<Generation> next, ControlState state, const Current::Lock& held);
  void require_source() const;
  std::shared_ptr<Generation> open_rows(const Ruleset& rules, uint64_t folder);
  void begin(const Ruleset& configured);
  void drop_bystanders(uint64_t ruleset_hash);

  Place place_;
  Compactions compactions_;
  std::string why_rebuild_;
  std::atomic<bool> interrupted_ = false, waiting_ = false;
  std::atomic<uint64_t> turn_ = 0;
  std::unique_ptr<Bystanders> bystanders_;
  struct Open {  // folders of generations that were replaced and that somebody still reads
    std::mutex mutex;
    std::set<uint64_t> folders;
    std::set<uint64_t> unwanted;  // those of them that go with their last reader
  };
  const std::shared_ptr<Open> open_ = std::make_shared<Open>();
  mutable std::mutex mutex_;  // everything below but current_
  ControlState controls_;     // changed with Current's lock held, too
  std::shared_ptr<Build> build_;
  std::vector<std::shared_ptr<Generation>> former_;
  std::unique_ptr<Current> current_;
  bool stopped_ = false;
};

}  // namespace lode::materialize
