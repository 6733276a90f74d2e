// A file's events, cut into requests: NDJSON as it stands, CSV through a mapping. Each event knows the line
// where it begins.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "event/mapping.h"
#include "event/problem.h"
#include "lodectl/source_file.h"

namespace lode::lodectl {

struct ImportBatch {
  std::string body;             // NDJSON
  std::vector<uint64_t> lines;  // of each event in the file, from 1
  uint64_t file_bytes = 0;      // how far the file was read when the batch was cut
};

// A row that was not sent.
struct BadRow {
  uint64_t line = 0;
  event::Problem problem;
};

struct BatchLimits {
  uint32_t events = 1000;
  size_t bytes = 8u << 20;
};

using OnBatch = std::function<void(ImportBatch)>;
using OnBadRow = std::function<void(BadRow)>;

void cut_ndjson(SourceFile& file, const BatchLimits& limits, const OnBatch& batch);
// Rows of one event may stand anywhere in the file, so the whole file is read before the first batch. Throws
// Failed when the header lacks a column.
void cut_csv(SourceFile& file, const event::Mapping& mapping, const BatchLimits& limits, const OnBatch& batch,
             const OnBadRow& bad_row);

}  // namespace lode::lodectl
