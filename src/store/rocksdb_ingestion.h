// One ingestion of a RocksDbDisk. For rocksdb_*.cpp only.
#pragma once

#include <rocksdb/sst_file_writer.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/rocksdb_columns.h"

namespace lode::store {

class RocksDbIngestion final : public Ingestion {
 public:
  // Its files lie in `folder`, which is on the same file system as the database.
  RocksDbIngestion(std::shared_ptr<const Columns> columns, std::filesystem::path folder);
  ~RocksDbIngestion() override;

  void begin(std::string_view family) override;
  void put(std::string_view key, std::string_view value) override;
  void merge(std::string_view key, std::string_view operand) override;
  void remove(std::string_view key) override;
  void commit() override;

 private:
  struct File {
    const Column* column;
    std::string path;
    uint64_t keys = 0;
    std::string checksum, checksum_name;  // of the whole file, once it is finished
  };
  void ascend(std::string_view key);
  void finish_file();

  std::shared_ptr<const Columns> columns_;
  std::filesystem::path folder_;
  std::vector<File> files_;  // the last one is open while writer_ is there
  std::unique_ptr<rocksdb::SstFileWriter> writer_;
  std::string last_key_;
};

}  // namespace lode::store
