#include "store/state.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "store/bytes.h"
#include "store/thread_priority.h"
#include "store/zeroed_memory.h"

namespace lode::store {

namespace {

// glibc lets new readers pass a waiting writer: enough of them, and nothing is applied any more.
void let_writers_first(std::shared_mutex& mutex) {
  auto* lock = static_cast<pthread_rwlock_t*>(mutex.native_handle());
  pthread_rwlockattr_t attributes;
  pthread_rwlockattr_init(&attributes);
  pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  pthread_rwlock_destroy(lock);
  pthread_rwlock_init(lock, &attributes);
  pthread_rwlockattr_destroy(&attributes);
}

}  // namespace

std::vector<Family> families_of(const std::vector<Part*>& parts) {
  std::vector<Family> families;
  for (const Part* part : parts) {
    for (Family& family : part->families()) families.push_back(std::move(family));
  }
  return families;
}

struct State::Impl {
  std::unique_ptr<Disk> disk;
  std::vector<Part*> parts;
  std::function<void(const std::string&)> report;
  mutable std::shared_mutex mutex;  // parts' memory; taken before `control`

  mutable std::mutex control;  // everything below
  std::condition_variable changed;
  Checkpoint checkpoint;
  std::shared_ptr<const Snapshot> snapshot;
  std::optional<Checkpoint> pending;  // of the frozen epoch, while it is being written
  std::exception_ptr failure;
  bool stopping = false;
  bool given_up = false;
  std::string trouble;  // why the flush has to try again
  pid_t flush_thread_id = 0;
  bool lowered = false;
  std::thread flush_thread;

  void load() {
    std::shared_ptr<const Snapshot> from = disk->snapshot();
    const Checkpoint loaded = checkpoint_of(*from);
    for (Part* part : parts) part->load(from);
    std::lock_guard lock(control);
    snapshot = std::move(from);
    checkpoint = loaded;
    failure = nullptr;
  }

  void ingest(const Checkpoint& next) {
    std::unique_ptr<Ingestion> ingestion = disk->ingest();
    for (Part* part : parts) part->write_frozen(*ingestion);
    ingestion->begin(kMetaFamily);
    ingestion->put(kCheckpointKey, encode_checkpoint(next));
    ingestion->commit();
  }

  // A commit that failed may have happened all the same, and must not happen twice.
  bool is_on_disk(const Checkpoint& next) const {
    std::string bytes;
    return disk->snapshot()->get(kMetaFamily, kCheckpointKey, bytes) && decode_checkpoint(bytes) == next;
  }

  // Until it succeeds: a disk that is full today has room tomorrow, and the log holds everything meanwhile.
  void ingest_patiently(const Checkpoint& next) {
    while (true) {
      try {
        return ingest(next);
      } catch (const WriteFailed& error) {
        std::unique_lock lock(control);
        bool begins = trouble.empty();
        trouble = error.what();
        if (begins && report) report(trouble);
        constexpr std::chrono::seconds kRetryAfter{1};
        if (changed.wait_for(lock, kRetryAfter, [&] { return given_up; })) throw;
      }
      if (is_on_disk(next)) return;
    }
  }

  void write(const Checkpoint& next) {
    ingest_patiently(next);
    // Readers of a part see the frozen epoch and the old snapshot, or neither.
    std::shared_ptr<const Snapshot> after = disk->snapshot();
    std::shared_ptr<const Snapshot> before;  // let go outside of the locks
    std::unique_lock readers(mutex);
    for (Part* part : parts) part->release_frozen(after);
    std::lock_guard lock(control);
    before = std::exchange(snapshot, std::move(after));
    checkpoint = next;
    if (trouble.empty()) return;
    trouble.clear();
    if (report) report(trouble);
  }

  void run() {
    pthread_setname_np(pthread_self(), "lode-flush");
    bool can_restore = priority_can_be_restored();
    std::unique_lock lock(control);
    flush_thread_id = this_thread();
    while (true) {
      changed.wait(lock, [&] { return stopping || pending; });
      if (!pending) return;
      Checkpoint next = *pending;
      // A niced flush starves on a busy machine; so only where whoever waits for it can bring it back.
      if (can_restore) {
        lower_priority(flush_thread_id);
        lowered = true;
      }
      lock.unlock();
      std::exception_ptr failed;
      try {
        write(next);
        clear_given_back();  // what the epoch had, before the next one ends and wants as much
      } catch (...) {
        failed = std::current_exception();
      }
      lock.lock();
      failure = failed;
      pending.reset();
      changed.notify_all();
    }
  }

  void wait_flushed(std::unique_lock<std::mutex>& lock) {
    if (pending && lowered) {
      restore_priority(flush_thread_id);
      lowered = false;
    }
    changed.wait(lock, [&] { return !pending; });
  }
};

State::State(std::unique_ptr<Disk> disk, std::vector<Part*> parts,
             std::function<void(const std::string& trouble)> report)
    : impl_(std::make_unique<Impl>()) {
  impl_->report = std::move(report);
  let_writers_first(impl_->mutex);
  impl_->disk = std::move(disk);
  impl_->parts = std::move(parts);
  impl_->load();
  impl_->flush_thread = std::thread([impl = impl_.get()] { impl->run(); });
}

State::~State() {
  give_up();
  {
    std::unique_lock lock(impl_->control);
    impl_->wait_flushed(lock);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  impl_->flush_thread.join();
}

std::shared_mutex& State::mutex() const { return impl_->mutex; }

Checkpoint State::checkpoint() const {
  std::lock_guard lock(impl_->control);
  return impl_->checkpoint;
}

std::shared_ptr<const Snapshot> State::snapshot() const {
  std::lock_guard lock(impl_->control);
  return impl_->snapshot;
}

void State::end_epoch(const Checkpoint& checkpoint) {
  wait_flushed();
  {
    std::unique_lock readers(impl_->mutex);
    for (Part* part : impl_->parts) part->freeze();
  }
  {
    std::lock_guard lock(impl_->control);
    impl_->pending = checkpoint;
  }
  impl_->changed.notify_all();
}

void State::give_up() {
  {
    std::lock_guard lock(impl_->control);
    impl_->given_up = true;
  }
  impl_->changed.notify_all();
}

std::string State::trouble() const {
  std::lock_guard lock(impl_->control);
  return impl_->trouble;
}

bool State::flushing() const {
  std::lock_guard lock(impl_->control);
  return impl_->pending.has_value();
}

void State::wait_flushed() {
  std::unique_lock lock(impl_->control);
  impl_->wait_flushed(lock);
  if (impl_->failure) std::rethrow_exception(impl_->failure);
}

uint64_t State::memory_bytes() const {
  uint64_t bytes = 0;
  std::shared_lock readers(impl_->mutex);
  for (const Part* part : impl_->parts) bytes += part->memory_bytes();
  return bytes;
}

Checkpoint State::copy_to(const std::filesystem::path& folder) const { return impl_->disk->copy_to(folder); }
void State::compact(const Disk::BeginMerge& begin, std::atomic<bool>& stop) {
  impl_->disk->compact(begin, stop);
}

uint64_t State::disk_bytes() const { return impl_->disk->disk_bytes(); }

void State::clear() {
  {
    std::unique_lock lock(impl_->control);
    impl_->wait_flushed(lock);
  }
  impl_->disk->clear();
  std::unique_lock readers(impl_->mutex);
  impl_->load();
}

}  // namespace lode::store
