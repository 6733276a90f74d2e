// The process that store_kill_test.cpp kills: ingests epochs into the folder given, as fast as it can, and
// tells each; every 40th time it clears everything first. It ends by being killed.
#include <unistd.h>

#include <cstdio>

#include "fault/store_epochs.h"

namespace lode::store {
namespace {

void tell(int64_t what) {
  if (write(kReportFd, &what, sizeof what) != sizeof what) _exit(1);
}

void ingest_epoch(Disk& disk, int64_t epoch) {
  auto ingestion = disk.ingest();
  ingestion->begin("rows");
  for (int i = 0; i < kRowsAnEpoch; ++i) ingestion->put(std::to_string(10'000 + i), std::to_string(epoch));
  ingestion->begin("history");
  ingestion->put(std::to_string(1'000'000 + epoch), "");
  ingestion->begin("sums");
  for (int i = 0; i < kRowsAnEpoch; ++i) ingestion->merge(std::to_string(10'000 + i), "1");
  ingestion->begin(kMetaFamily);
  ingestion->put("checkpoint", std::to_string(epoch));
  ingestion->commit();
}

[[noreturn]] void write_epochs(const char* folder) {
  RocksDbDisk disk(folder, families());
  int64_t epoch = epoch_of(*disk.snapshot());
  while (true) {
    if (++epoch % 40 == 0) {
      tell(kClears);
      disk.clear();
      epoch = 1;
    }
    ingest_epoch(disk, epoch);
    tell(epoch);
  }
}

}  // namespace
}  // namespace lode::store

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: store_writer FOLDER 3>REPORT\n", stderr);
    return 2;
  }
  lode::store::write_epochs(arguments[1]);
}
