#include "lodectl/import_sender.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "lodectl/answer.h"
#include "lodectl/command.h"
#include "lodectl/http_client.h"
#include "lodectl/interruption.h"

namespace lode::lodectl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};  // how often a wait looks for Ctrl-C

// Two batches for one that is too large for the server.
std::pair<ImportBatch, ImportBatch> halves(const ImportBatch& batch) {
  size_t half = batch.lines.size() / 2, cut = 0;
  for (size_t i = 0; i < half; i++) cut = batch.body.find('\n', cut) + 1;
  ImportBatch left{batch.body.substr(0, cut),
                   {batch.lines.begin(), batch.lines.begin() + static_cast<ptrdiff_t>(half)},
                   batch.file_bytes};
  ImportBatch right{batch.body.substr(cut),
                    {batch.lines.begin() + static_cast<ptrdiff_t>(half), batch.lines.end()},
                    batch.file_bytes};
  return {std::move(left), std::move(right)};
}

}  // namespace

struct ImportSender::Impl {
  Impl(SenderSettings given, ImportReport& to) : settings(std::move(given)), report(to) {
    SignalsLeftToMain to_main;
    for (uint32_t i = 0; i < settings.connections; i++) threads.emplace_back([this] { work(); });
  }
  ~Impl() {
    {
      std::lock_guard lock(mutex);
      closed = true;
      if (!failure) queue.clear();
    }
    changed.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void work() {
    try {
      HttpClient client(settings.url);
      for (;;) {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return failure || closed || !queue.empty(); });
        if (failure || queue.empty()) return;
        ImportBatch batch = std::move(queue.front());
        queue.pop_front();
        busy++;
        lock.unlock();
        deliver(client, batch);
        lock.lock();
        busy--;
        changed.notify_all();
      }
    } catch (...) {
      std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      changed.notify_all();
    }
  }

  // False: ask again later, after the seconds in `pause` when the server named them.
  bool attempt(HttpClient& client, const ImportBatch& batch, uint32_t& pause, std::string& reason) {
    HttpAnswer answer;
    try {
      answer = client.send({"POST", "/v1/events", {{"Content-Type", "application/x-ndjson"}}, batch.body});
    } catch (const Unreachable& unreachable) {
      reason = unreachable.what();
      return false;
    }
    if (answer.status == 200 || answer.status == 207 || answer.status == 422) {
      report.add(batch, answer.body);
      return true;
    }
    reason = problem_text(answer);
    if (answer.status == 413 && batch.lines.size() > 1) {
      auto [left, right] = halves(batch);
      deliver(client, left);
      deliver(client, right);
      return true;
    }
    if (answer.status == 413) {
      report.add(BadRow{batch.lines.front(), {"too_large", "", reason}});
      return true;
    }
    if (answer.status != 429 && answer.status != 503 && answer.status != 507) throw Failed(reason);
    pause = answer.retry_after_seconds();
    return false;
  }

  void deliver(HttpClient& client, const ImportBatch& batch) {
    auto give_up = Clock::now() + std::chrono::seconds(settings.give_up_seconds);
    std::chrono::milliseconds back_off(100);
    for (;;) {
      uint32_t named = 0;
      std::string reason;
      if (attempt(client, batch, named, reason)) return;
      report.waited();
      auto pause = named > 0 ? std::chrono::milliseconds(named * 1000) : back_off;
      back_off = std::min(back_off * 2, std::chrono::milliseconds(5000));
      if (Clock::now() + pause > give_up) {
        throw Unreachable("gave up at line " + std::to_string(batch.lines.front()) + ": " + reason);
      }
      if (!wait(pause)) return;
    }
  }

  // False: it is to end; then nothing more is sent.
  bool wait(std::chrono::milliseconds pause) {
    auto until = Clock::now() + pause;
    std::unique_lock lock(mutex);
    while (!failure && !Interruption::asked() && Clock::now() < until) {
      changed.wait_for(lock, std::min(pause, kLook));
    }
    return !failure && !Interruption::asked();
  }

  void check() const {
    if (Interruption::asked()) throw Failed("interrupted");
    if (failure) std::rethrow_exception(failure);
  }

  const SenderSettings settings;
  ImportReport& report;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<ImportBatch> queue;
  std::exception_ptr failure;
  uint32_t busy = 0;
  bool closed = false;
  std::vector<std::thread> threads;
};

ImportSender::ImportSender(SenderSettings settings, ImportReport& report)
    : impl_(std::make_unique<Impl>(std::move(settings), report)) {}
ImportSender::~ImportSender() = default;

void ImportSender::send(ImportBatch batch) {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock,
                      [&] { return impl_->failure || impl_->queue.size() < impl_->settings.connections; });
  impl_->check();
  impl_->queue.push_back(std::move(batch));
  impl_->changed.notify_all();
}

void ImportSender::finish() {
  std::unique_lock lock(impl_->mutex);
  impl_->changed.wait(lock, [&] { return impl_->failure || (impl_->queue.empty() && impl_->busy == 0); });
  impl_->check();
}

}  // namespace lode::lodectl
