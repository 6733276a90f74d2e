#include "lodectl/import_batch.h"

#include <algorithm>
#include <string_view>

#include "event/csv_orders.h"
#include "lodectl/command.h"

namespace lode::lodectl {
namespace {

// Collects events and hands over a batch when it is full.
class Cutter {
 public:
  Cutter(const BatchLimits& limits, const OnBatch& batch) : limits_(limits), emit_(batch) {}

  void add(std::string_view event, uint64_t line, uint64_t file_bytes) {
    if (!batch_.lines.empty() && batch_.body.size() + event.size() + 1 > limits_.bytes) finish();
    batch_.body += event;
    batch_.body += '\n';
    batch_.lines.push_back(line);
    batch_.file_bytes = file_bytes;
    if (batch_.lines.size() >= limits_.events) finish();
  }
  void finish() {
    if (!batch_.lines.empty()) emit_(std::move(batch_));
    batch_ = {};
  }

 private:
  const BatchLimits& limits_;
  const OnBatch& emit_;
  ImportBatch batch_;
};

}  // namespace

void cut_ndjson(SourceFile& file, const BatchLimits& limits, const OnBatch& batch) {
  Cutter cutter(limits, batch);
  std::string text;
  uint64_t line = 0;
  auto add = [&](std::string_view event) {
    line++;
    if (line == 1 && event.starts_with("\xEF\xBB\xBF")) event.remove_prefix(3);
    if (event.ends_with('\r')) event.remove_suffix(1);
    if (event.find_first_not_of(" \t") == std::string_view::npos) return;
    cutter.add(event, line, file.bytes_read());
  };
  while (file.read(text)) {
    size_t start = 0;
    for (size_t end; (end = text.find('\n', start)) != std::string::npos; start = end + 1) {
      add(std::string_view(text).substr(start, end - start));
    }
    text.erase(0, start);
  }
  if (!text.empty()) add(text);
  cutter.finish();
}

void cut_csv(SourceFile& file, const event::Mapping& mapping, const BatchLimits& limits, const OnBatch& batch,
             const OnBadRow& bad_row) {
  event::CsvOrders orders(mapping);
  std::string text;
  while (!orders.fatal() && file.read(text)) {
    orders.feed(text);
    text.clear();
  }
  orders.finish();
  if (orders.fatal()) throw Failed(orders.fatal()->detail + " (" + orders.fatal()->code + ")");
  for (const event::RowProblem& problem : orders.problems()) bad_row({problem.line, problem.problem});
  Cutter cutter(limits, batch);
  for (size_t i = 0; i < orders.size(); i++) {
    uint64_t share = file.bytes_read() * (i + 1) / orders.size();
    cutter.add(orders.json(i), orders.first_line(i), share);
  }
  cutter.finish();
}

}  // namespace lode::lodectl
