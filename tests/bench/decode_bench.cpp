// How long the decoder takes for single-line purchases of about 300 bytes in NDJSON, content hash included,
// on one core. Prints ns an event, the best of several rounds. Usage: decode_bench [events a body] [rounds]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "event/json.h"

namespace {

std::string purchases(int count) {
  std::string out;
  char line[512];
  for (int i = 0; i < count; ++i) {
    std::snprintf(line, sizeof line,
                  "{\"event_id\":\"0192f0c1-7a3e-7c11-9d52-%012d\",\"type\":\"purchase\","
                  "\"occurred_at\":\"2010-12-01T08:26:%02dZ\",\"source\":\"web\",\"order_id\":\"%d\","
                  "\"currency\":\"GBP\",\"channel\":\"web\",\"customer\":{\"id\":\"%d\",\"country\":\"United "
                  "Kingdom\"},"
                  "\"lines\":[{\"sku\":\"%dA\",\"description\":\"WHITE HANGING HEART\",\"quantity\":%d,"
                  "\"unit_price\":\"2.55\"}]}\n",
                  i, i % 60, 536365 + i, 17850 + i % 999, 80000 + i % 4000, 1 + i % 12);
    out += line;
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  using Clock = std::chrono::steady_clock;
  int count = argc > 1 ? std::atoi(argv[1]) : 1000;
  int rounds = argc > 2 ? std::atoi(argv[2]) : 300;
  auto body = std::make_shared<const std::string>(purchases(count));
  lode::event::JsonDecoder decoder;
  lode::event::EventBatch batch;
  double best = 1e18;
  for (int round = 0; round < rounds; ++round) {
    batch.clear();
    auto start = Clock::now();
    if (decoder.decode_ndjson(body, batch) || batch.events.size() != static_cast<size_t>(count)) return 1;
    std::chrono::duration<double, std::nano> spent = Clock::now() - start;
    best = std::min(best, spent.count());
  }
  std::printf("%d events of %zu bytes: %.0f ns an event, %.2f GB/s\n", count, body->size() / count,
              best / count, static_cast<double>(body->size()) / best);
}
