// A process (store_writer) that ingests epochs as fast as it can is killed at random moments. Whenever that
// was, the disk opens at exactly one checkpoint, in every family, and it is one whose commit had at least
// begun and none that returned is lost.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "conformance/store_folder.h"
#include "fault/store_epochs.h"

extern char** environ;

namespace lode::store {
namespace {

// Every family must stand where the checkpoint says.
void expect_whole(const Snapshot& snapshot) {
  int64_t checkpoint = epoch_of(snapshot);
  std::string expected = std::to_string(checkpoint);
  for (std::string_view family : {"rows", "sums"}) {
    int rows = 0;
    for (auto at = snapshot.iterate(family, {}, {}); at->valid(); at->next(), ++rows) {
      ASSERT_EQ(at->value(), expected) << family << ' ' << at->key();
    }
    ASSERT_EQ(rows, checkpoint ? kRowsAnEpoch : 0) << family;
  }
  int64_t epochs = 0;
  for (auto at = snapshot.iterate("history", {}, {}); at->valid(); at->next()) ++epochs;
  ASSERT_EQ(epochs, checkpoint);
}

class Child {
 public:
  explicit Child(const std::filesystem::path& folder) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    reports_ = ends[0];
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], kReportFd);
    const char* arguments[] = {LODE_STORE_WRITER, folder.c_str(), nullptr};
    if (posix_spawn(&pid_, LODE_STORE_WRITER, &actions, nullptr, const_cast<char**>(arguments), environ) != 0)
      throw std::runtime_error("posix_spawn");
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
  }
  ~Child() { close(reports_); }

  // The next thing told within the time; nullopt without one.
  std::optional<int64_t> hear(int milliseconds) {
    pollfd wait{reports_, POLLIN, 0};
    int64_t told = 0;
    if (poll(&wait, 1, milliseconds) != 1 || read(reports_, &told, sizeof told) != sizeof told)
      return std::nullopt;
    return told;
  }

  void kill_and_wait() {
    int status = 0;
    kill(pid_, SIGKILL);
    waitpid(pid_, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
  }

 private:
  pid_t pid_ = 0;
  int reports_ = -1;
};

TEST(StoreKill, LeavesOneCheckpointWheneverItHappens) {
  constexpr int kKills = 40;
  uint64_t seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  test::TemporaryFolder folder;
  int64_t kept = 0;  // the last epoch whose commit returned
  int within = 0;
  for (int round = 0; round < kKills; ++round) {
    Child child(folder.path());
    bool cleared = false;
    auto listen = [&](int milliseconds) {
      std::optional<int64_t> told = child.hear(milliseconds);
      if (!told) return false;
      cleared = *told == kClears;
      if (*told != kClears) kept = *told;
      return true;
    };
    // Some die while they open the disk, the others after a few epochs and a part of one.
    int epochs = static_cast<int>(random() % 12);
    if (epochs == 0) listen(static_cast<int>(random() % 40));
    for (int i = 0; i < epochs && listen(10'000); ++i) {
    }
    timespec part{0, static_cast<long>(random() % 8'000'000)};
    nanosleep(&part, nullptr);
    child.kill_and_wait();
    while (listen(0)) {
    }

    RocksDbDisk disk(folder.path(), families());
    EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "ingest"));
    auto snapshot = disk.snapshot();
    int64_t checkpoint = epoch_of(*snapshot);
    expect_whole(*snapshot);
    if (HasFatalFailure()) return;
    bool first_again = cleared && checkpoint <= 1;
    EXPECT_TRUE(first_again || checkpoint == kept || checkpoint == kept + 1)
        << checkpoint << " after " << kept;
    within += checkpoint == kept + 1;
    kept = checkpoint;
  }
  std::printf("%d of %d kills came between a commit and its return\n", within, kKills);
}

}  // namespace
}  // namespace lode::store
