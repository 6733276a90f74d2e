// The log's entries, read and decoded on other threads ahead of the one that takes them, in order. What waits
// is bounded by entries and bytes, whatever the log's size.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "log/log.h"
#include "materialize/entry_decoder.h"

namespace lode::materialize {

class DecodeAhead {
 public:
  // From `from` up to `to`, or to the log's end without one. Of one thread, that one reads and decodes; of
  // several, the first reads and the others decode. Log and hasher outlive it.
  DecodeAhead(const log::Log& log, record::GroupId group, record::EntryIndex from,
              std::optional<record::EntryIndex> to, const store::Hasher& hasher, uint32_t threads);
  ~DecodeAhead();  // what was not taken is dropped

  // The next entry; null after the last. Throws record::Corruption for one that can't be read, and what the
  // log throws. One thread.
  std::unique_ptr<DecodedEntry> next();

 private:
  struct Slot {
    log::StoredEntry stored;
    std::unique_ptr<DecodedEntry> decoded;
    std::exception_ptr failure;
    bool taken = false;  // by a thread that decodes
    bool ready = false;
  };

  void read(record::GroupId group, record::EntryIndex from, std::optional<record::EntryIndex> to);
  void decode_others();
  bool put(const log::StoredEntry& stored);
  static void decode(EntryDecoder& decoder, Slot& slot);
  std::shared_ptr<Slot> take_undecoded();
  bool is_full() const;

  const log::Log& log_;
  const store::Hasher& hasher_;
  const bool reader_decodes_;

  std::mutex mutex_;  // everything below
  std::condition_variable room_, work_, ready_;
  std::deque<std::shared_ptr<Slot>> slots_;  // in the order of the log
  size_t waiting_bytes_ = 0;
  bool closed_ = false;  // nobody takes any more
  bool ended_ = false;   // the last entry is read
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
};

}  // namespace lode::materialize
