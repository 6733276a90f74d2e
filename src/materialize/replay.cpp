#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "event/record_decoder.h"
#include "materialize/materializer.h"
#include "record/batch.h"

namespace lode::materialize {

namespace {

// An entry read back from the log.
struct Decoded {
  record::EntryIndex index;
  event::Micros receive_time;
  event::EventBatch batch;
  std::vector<store::Hash96> keys;
};

std::unique_ptr<Decoded> decode(const log::StoredEntry& stored, event::RecordDecoder& decoder,
                                const store::Hasher& hasher) {
  auto out = std::make_unique<Decoded>();
  out->index = stored.index;
  if (stored.type != log::EntryType::batch) return out;
  record::RecordBatch batch = record::RecordBatch::decode(stored.payload);
  out->receive_time = batch.receive_time();
  out->batch.bodies.push_back(batch.buffer());
  for (uint32_t i = 0; i < batch.count(); ++i) {
    const record::RecordView& view = batch[i];
    if (!decoder.decode(view.format, view.payload, view.contact, i, out->batch))
      throw record::Corruption("entry " + std::to_string(stored.index.value) + ", record " +
                               std::to_string(i) + ": " + out->batch.rejections.back().problem.detail);
    out->batch.events.back().retry_of = view.retry_of;
    out->keys.push_back(sequence::hash_key(hasher, out->batch.events.back()));
  }
  return out;
}

// Decoding goes ahead of apply by a few entries, on the other core.
class Handover {
 public:
  bool put(std::unique_ptr<Decoded> entry) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || waiting_.size() < kAhead; });
    if (closed_) return false;
    waiting_.push_back(std::move(entry));
    changed_.notify_all();
    return true;
  }
  std::unique_ptr<Decoded> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return nullptr;
    auto entry = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    return entry;
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr size_t kAhead = 8;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Decoded>> waiting_;
  bool closed_ = false;
};

}  // namespace

void Materializer::replay(const log::Log& log, record::GroupId group, const store::Hasher& hasher,
                          const std::function<bool(record::EntryIndex)>& keep_going) {
  Handover handover;
  std::exception_ptr failure;
  std::thread reader([&] {
    try {
      event::RecordDecoder decoder;
      log.scan(group, {applied_entry_.load() + 1},
               [&](const log::StoredEntry& stored) { return handover.put(decode(stored, decoder, hasher)); });
    } catch (...) {
      failure = std::current_exception();
    }
    handover.close();
  });
  std::exception_ptr apply_failure;
  replaying_ = true;
  try {
    while (auto decoded = handover.take()) {
      CommittedEntry entry{decoded->index, decoded->receive_time, {}};
      uint32_t count = static_cast<uint32_t>(decoded->batch.events.size());
      if (count > 0) entry.slices.push_back({&decoded->batch, decoded->keys.data(), 0, count});
      apply(entry, nullptr);
      if (!keep_going(decoded->index)) break;
    }
  } catch (...) {
    apply_failure = std::current_exception();
  }
  replaying_ = false;
  handover.close();
  reader.join();
  if (apply_failure) std::rethrow_exception(apply_failure);
  if (failure) std::rethrow_exception(failure);
}

}  // namespace lode::materialize
