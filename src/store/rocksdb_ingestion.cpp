#include "store/rocksdb_ingestion.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <utility>

namespace lode::store {

namespace {

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw WriteFailed("the state can't be written: " + status.ToString());
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

RocksDbIngestion::RocksDbIngestion(std::shared_ptr<const Columns> columns, std::filesystem::path folder)
    : columns_(std::move(columns)), folder_(std::move(folder)) {}

RocksDbIngestion::~RocksDbIngestion() {
  writer_.reset();
  for (const File& file : files_) {
    std::error_code ignored;  // what stays is removed when the disk is opened
    std::filesystem::remove(file.path, ignored);
  }
}

void RocksDbIngestion::begin(std::string_view family) {
  finish_file();
  const Column* column = columns_->find(family);
  if (!column) throw std::logic_error("no such family: " + std::string(family));
  for (const File& file : files_) {
    if (file.column == column) throw std::logic_error("family begun twice: " + std::string(family));
  }
  rocksdb::Options options(columns_->db->GetDBOptions(), column->options);
  // An epoch's file is soon merged with others: what comes of that is packed well, the file itself quickly.
  if (options.compression == rocksdb::kZSTD) options.compression = rocksdb::kLZ4Compression;
  writer_ =
      std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(options), options, column->handle.get(),
                                               /*invalidate_page_cache=*/false, rocksdb::Env::IO_LOW);
  files_.push_back({column, folder_ / (std::to_string(files_.size()) + ".sst"), 0, "", ""});
  check(writer_->Open(files_.back().path));
  last_key_.clear();
}

void RocksDbIngestion::put(std::string_view key, std::string_view value) {
  ascend(key);
  check(writer_->Put(slice(key), slice(value)));
}

void RocksDbIngestion::merge(std::string_view key, std::string_view operand) {
  ascend(key);
  if (!files_.back().column->merges) throw std::logic_error("a merge in a family without a merge function");
  check(writer_->Merge(slice(key), slice(operand)));
}

void RocksDbIngestion::remove(std::string_view key) {
  ascend(key);
  check(writer_->Delete(slice(key)));
}

void RocksDbIngestion::commit() {
  finish_file();
  std::vector<rocksdb::IngestExternalFileArg> all;
  for (const File& file : files_) {
    if (file.keys == 0) continue;
    rocksdb::IngestExternalFileArg one;
    one.column_family = file.column->handle.get();
    one.external_files = {file.path};
    one.options.move_files = true;
    one.options.write_global_seqno = false;
    one.options.verify_file_checksum = false;  // as the writer has just computed it
    one.files_checksums = {file.checksum};
    one.files_checksum_func_names = {file.checksum_name};
    all.push_back(std::move(one));
  }
  if (all.empty()) return;
  rocksdb::Status status = columns_->db->IngestExternalFiles(all);
  // What a compaction found damaged stops all writing.
  if (status.IsCorruption()) read_failed(*columns_->db, status);
  check(status);
}

void RocksDbIngestion::ascend(std::string_view key) {
  if (!writer_) throw std::logic_error("a key before begin()");
  if (files_.back().keys > 0 && key <= last_key_) throw std::logic_error("keys of an ingestion must ascend");
  last_key_ = key;
  ++files_.back().keys;
}

void RocksDbIngestion::finish_file() {
  if (!writer_) return;
  // RocksDB refuses to finish a file without keys.
  if (files_.back().keys > 0) {
    rocksdb::ExternalSstFileInfo about;
    check(writer_->Finish(&about));
    files_.back().checksum = about.file_checksum;
    files_.back().checksum_name = about.file_checksum_func_name;
  }
  writer_.reset();
}

}  // namespace lode::store
