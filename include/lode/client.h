// A client of loded's TCP protocol: batches of events in, records out. Requests are pipelined: any number may
// be on their way, and each answer goes to the callback given with its request.
//
// Threads: a Client and the Batches given to it belong to one thread at a time. It has no thread of its own:
// bytes move and callbacks run inside append(), fetch(), poll() and the *_and_wait() calls, on the caller's
// thread. A program with an event loop watches descriptor() and calls poll(0) when it is ready.
//
// Errors: a server's refusal is part of the answer (`error`). A broken connection throws ConnectionLost; what
// was on its way may have been committed or not: send it again over a new Client, the events' ids keep it
// from counting twice.
//
// Given several addresses (the nodes of a cluster), a Client does that by itself: when its connection breaks
// it goes on to the next address and sends everything again that had no answer, for which it keeps a copy.
// ConnectionLost is thrown only when none of them is there for give_up_ms.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace lode::client {

class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// How an event's bytes are to be read: JSON, an `Event` of schema/event.fbs, a structured CloudEvents object.
enum class Format : uint8_t { json = 1, flatbuffers = 2, cloudevents = 3 };

// The events of one request. Copies what it is given.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  // `contact` is a `Contact` of schema/event.fbs, for FlatBuffers events only.
  void add(Format format, std::string_view event, std::string_view contact = {});
  size_t size() const;
  void clear();  // keeps its memory

 private:
  friend class Client;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Why a request was refused: code, pointer and detail as in the HTTP API's problems.
struct Error {
  int status = 0;  // as in HTTP: 429 queue_full, 503, 507, 400
  std::string code, pointer, detail;
  uint32_t retry_after_seconds = 0;
};

struct ItemResult {
  enum class Status : uint8_t { accepted = 0, duplicate = 1, rejected = 2, quarantined = 3 };
  uint32_t index = 0;
  Status status = Status::accepted;
  int64_t offset = -1;  // -1: none
  std::string code, pointer, detail;
};

struct AppendResult {
  std::optional<Error> error;  // then nothing else is set
  uint32_t accepted = 0, duplicates = 0, rejected = 0;
  int64_t first_offset = -1, last_offset = -1;  // -1: nothing was accepted
  std::vector<ItemResult> results;              // ascending by index
};

struct AppendOptions {
  bool ack_committed = false;  // answer when committed; otherwise when also applied to silver and gold
  bool all_results = false;    // name every item, not only those not plainly accepted
};

struct Record {
  uint64_t offset = 0;
  int64_t received_at = 0;  // microseconds since 1970-01-01T00:00:00Z
  Format format = Format::json;
  std::string payload;  // as sent, without contact fields
  std::string contact;  // when asked for
  int64_t retry_of = -1;
};

// Offsets of records that compaction dropped.
struct Gap {
  uint64_t from = 0, to = 0;
};

struct FetchRequest {
  uint64_t from = 0;
  uint32_t limit = 1000;
  uint32_t wait_ms = 0;  // how long to wait for the first record
  bool include_contact = false;
};

struct FetchResult {
  std::optional<Error> error;
  std::vector<Record> records;
  std::vector<Gap> gaps;        // in their place between the records
  uint64_t next = 0;            // where to go on
  int64_t applied_offset = -1;  // of the server
};

struct ClientOptions {
  std::string name = "lode-client";  // shown in the server's log
  uint32_t connect_ms = 5'000;
  uint32_t give_up_ms = 30'000;  // with several addresses: how long to look for one that is there
};

class Client {
 public:
  // Connects to "host:port" and shakes hands; several addresses have commas between them. Throws
  // ConnectionLost.
  explicit Client(const std::string& addresses, ClientOptions options = {});
  ~Client();
  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;

  // Sends the batch and empties it; `done` is called once, from a later call of this client. Answers the
  // correlation id. Throws std::length_error when the frame would be larger than the server takes; the batch
  // is emptied then too.
  uint64_t append(Batch& batch, const AppendOptions& options, std::function<void(const AppendResult&)> done);
  uint64_t fetch(const FetchRequest& request, std::function<void(const FetchResult&)> done);

  AppendResult append_and_wait(Batch& batch, const AppendOptions& options = {});
  FetchResult fetch_and_wait(const FetchRequest& request);

  // Moves bytes and calls callbacks; waits for the first of them at most `milliseconds` (-1: for ever). A
  // callback may call append() and fetch(). Answers how many callbacks were called.
  size_t poll(int milliseconds);
  size_t pending() const;  // requests without an answer

  // For an event loop: readable, or writable while wants_write(). Another one after a call that had to go on
  // to another address.
  int descriptor() const;
  bool wants_write() const;
  uint32_t max_frame_bytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lode::client
