// Lode inside a program: the log, silver and gold of one data folder, without any server. What is appended
// takes the same road as through `loded`: durable, counted once, in every view when append() returns.
//
//   lode::Engine shop = lode::Engine::open("shop-data");
//   shop.append(R"({"event_id":"1","type":"purchase",…})");
//   lode::Rows sales = shop.query("daily_sales", {{"country", "DE"}});
//
// Threads: an Engine may be called from any number of threads at once. It has some of its own (log, apply,
// flush, retention); callbacks come on threads of the engine, as said at each.
// Ownership: everything that goes in is copied, everything that comes out is the caller's.
// Errors: what a caller did wrong, and what passes (a full queue or disk), is part of the answer, `refusal`.
// Exceptions are OpenFailed at open(), std::logic_error for a call on an engine that was closed or moved
// from, and std::runtime_error when what is on the disk can't be read (damage; it is never served). A failed
// write of the log ends the process (exit code 70) as it ends loded: whether it is on the disk is then
// unknown.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "lode/event.h"

namespace lode {

namespace embed {
class Running;
}

// The folder can't be opened; what() is a sentence that says why and what to do: it is in use by another
// program or by another Engine of this one, written by a newer version, damaged, of a cluster's member; or a
// setting is unknown or out of its range.
class OpenFailed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct Options {
  // As in config/loded.toml, which documents all of them: {"gold.time_zone", "Europe/Berlin"}. A list is
  // "a,b", a table "name=code,name=code". Keys about sockets and other nodes (http, tcp, cluster) are
  // refused.
  std::vector<std::pair<std::string, std::string>> settings = {};
  // A file of the same keys; "" for none. Its keys about sockets and other nodes are passed over. `settings`
  // win over it.
  std::string config_file = {};
  // What the engine has to say: one sentence a call, on any thread of the engine; short, and it may not call
  // the engine. One for all engines of a process, the last one opened with it. Without one it is dropped.
  std::function<void(LogLevel level, std::string_view sentence)> log = {};
};

// Why something was not done: code, pointer and detail as in the problems of the HTTP API.
struct Refusal {
  int status = 0;            // as in HTTP: 400, 404, 410, 422; 429, 503, 507 pass: try again
  std::string code = {};     // stable: queue_full, disk_full, invalid_json, unknown_view, truncated …
  std::string pointer = {};  // into the event ("/lines/0/quantity"), or to the parameter ("/limit")
  std::string detail = {};   // a sentence
  std::uint32_t retry_after_seconds = 0;
};

// What became of one event.
struct Verdict {
  enum class Status : std::uint8_t { accepted, duplicate, rejected, quarantined };
  std::uint32_t index = 0;  // its place in what was appended, from 0
  Status status = Status::accepted;
  std::int64_t offset = -1;  // in the log; of a duplicate, the first record's; -1: none (rejected)
  std::string code = {}, pointer = {}, detail = {};  // rejected: what is wrong; quarantined: the rule
};

enum class Ack : std::uint8_t {
  committed,  // on stable storage
  applied     // and in silver and gold
};

struct AppendOptions {
  Ack ack = Ack::applied;
  bool all_verdicts = false;  // name every event, not only those not plainly accepted
};

// An append is not atomic: each event has its own verdict, and offsets rise in their order.
struct AppendResult {
  std::optional<Refusal> refusal = {};  // then nothing was appended, and nothing else is set
  std::uint32_t accepted = 0, duplicates = 0, rejected = 0;  // quarantined ones count as accepted
  std::int64_t first_offset = -1, last_offset = -1;          // of what was accepted; -1: nothing was
  std::vector<Verdict> verdicts = {};                        // ascending by index
};

// Money or a ratio, exact: "53620.62".
struct Decimal {
  std::string text = {};
};
// Nested parts of rows, as JSON text.
struct Json {
  std::string text = {};
};
// Null, truth, a count, text, money or a count beyond 64 bits, JSON.
using Value = std::variant<std::monostate, bool, std::int64_t, std::string, Decimal, Json>;

// What GET /v1/gold/{view} and GET /v1/silver/{table} take: filters by key (day=2011-01-01..2011-01-31,
// country=GB,FR), group_by, order_by, limit (1 to 10,000, default 1,000), cursor.
using Parameters = std::vector<std::pair<std::string, std::string>>;

// A page of rows, all of one moment.
struct Rows {
  std::optional<Refusal> refusal = {};        // then nothing else is set
  std::int64_t as_of_offset = -1;             // the last record they were made of; -1: none yet
  Time as_of_time = {};                       // its receive time
  std::vector<std::string> columns = {};      // names
  std::vector<std::vector<Value>> rows = {};  // each as `columns`
  std::string next_cursor = {};               // the next page's `cursor`; "" on the last one

  // The value at a row, by its column's name. Throws std::out_of_range.
  const Value& at(std::size_t row, std::string_view column) const;
};

// Offsets of records that compaction dropped: superseded upserts of customers and products.
struct Gap {
  std::uint64_t from = 0, to = 0;
};

// A record of the log.
struct Record {
  std::uint64_t offset = 0;
  Time received_at = {};
  std::string event = {};      // JSON as it was sent, without contact data
  std::string contact = {};    // JSON; when asked for
  std::int64_t retry_of = -1;  // the quarantined record that this one retries; -1: none
};

struct SubscribeOptions {
  bool include_contact = false;
  // Called once, last, when the subscription can't go on: the log does not hold the offset any more
  // (`truncated`), or can't be read. On the subscription's thread.
  std::function<void(const Refusal& why)> on_end = {};
  // Called in the place of records that are gone, between the records around them; may be empty. On the
  // subscription's thread.
  std::function<void(const Gap& gap)> on_gap = {};
};

// Records as they come. Destroyed, it ends: no callback runs any more when the destructor returns, which
// therefore may not run inside one. Movable; one thread at a time. It may outlive its engine's close().
class Subscription {
 public:
  Subscription(Subscription&&) noexcept;
  Subscription& operator=(Subscription&&) noexcept;
  ~Subscription();

 private:
  friend class Engine;
  struct Impl;
  explicit Subscription(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

class Engine {
 public:
  // Opens the folder, or makes it. Blocks until what the log holds beyond the state is applied, and until
  // silver and gold are built anew where the settings that make rows (silver, gold) changed. Throws
  // OpenFailed.
  static Engine open(const std::string& folder, const Options& options = {});
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;  // closes what it was
  ~Engine();                             // close()

  // Ends subscriptions, answers what is under way, and brings the state onto the disk; the next open is
  // quick. The folder is free when it returns. What is called meanwhile or later throws std::logic_error.
  void close();

  // One JSON object, or an array of up to limits.events_per_request. Blocks until the answer is there.
  AppendResult append(std::string_view json, const AppendOptions& options = {});
  AppendResult append(const Event& event, const AppendOptions& options = {});
  AppendResult append(const std::vector<Event>& events, const AppendOptions& options = {});
  // The same without blocking; many of them under way share one write to the disk. `done` is called once, at
  // once when it is refused, else on a thread of the engine: it must be short.
  void append_async(std::string_view json, const AppendOptions& options,
                    std::function<void(AppendResult)> done);

  // Rows of a gold view (daily_sales and whatever gold.views_dir declares), or of a silver table: orders,
  // order_lines, customers, products, quarantine. Any thread; blocks while it reads.
  Rows query(std::string_view view_or_table, const Parameters& parameters = {}) const;
  // One row of a silver table by its key, as GET /v1/silver/{table}/{key}; 404 when there is none.
  Rows find(std::string_view table, std::string_view key) const;
  // The names of the gold views.
  std::vector<std::string> views() const;

  // Calls `deliver` for every record from offset `from` on, those to come included, in order, on a thread of
  // the subscription's own: it may block, and may call the engine, but not close it.
  Subscription subscribe(std::uint64_t from, std::function<void(const Record&)> deliver,
                         SubscribeOptions options = {}) const;

  // The offset of the last record that is in silver and gold; -1: none.
  std::int64_t applied_offset() const;
  // What GET /v1/status says, as JSON.
  std::string status() const;

 private:
  explicit Engine(std::shared_ptr<embed::Running> running);
  embed::Running& running() const;
  std::shared_ptr<embed::Running> running_;
};

}  // namespace lode
