#include "snapshot/message.h"

#include <cstring>

#include "peer/fields.h"

namespace lode::snapshot {

using peer::BadFrame;
using peer::FieldReader;
using peer::FieldWriter;

namespace {

constexpr uint8_t kVersion = 1;
enum class Operation : uint8_t { open = 1, read = 2, close = 3 };
enum class Stage : uint8_t { preparing = 1, ready = 2 };

template <typename Kind>
FieldWriter begin(std::string& out, Kind kind) {
  FieldWriter write(out);
  write.number(kVersion);
  write.number(static_cast<uint8_t>(kind));
  write.zeros(6);
  return write;
}

uint8_t begin(FieldReader& read) {
  if (read.number<uint8_t>() != kVersion) throw BadFrame("a snapshot message of another version");
  const auto kind = read.number<uint8_t>();
  read.zeros(6);
  return kind;
}

void write_body(std::string& out, const Open& open) {
  FieldWriter write = begin(out, Operation::open);
  write.number(open.wanted.least_entry);
  write.number(open.wanted.ruleset_hash);
}

void write_body(std::string& out, const Read& read) {
  FieldWriter write = begin(out, Operation::read);
  write.number(read.snapshot);
  write.number(read.offset);
  write.number(read.file);
  write.number(read.length);
}

void write_body(std::string& out, const Close& close) { begin(out, Operation::close).number(close.snapshot); }

void write_body(std::string& out, const Preparing& preparing) {
  FieldWriter write = begin(out, Stage::preparing);
  write.number(preparing.done_bytes);
  write.number(preparing.of_bytes);
}

void write_body(std::string& out, const Manifest& manifest) {
  FieldWriter write = begin(out, Stage::ready);
  write.number(manifest.id);
  write.number(manifest.checkpoint.next_offset);
  write.number(manifest.checkpoint.entry_index);
  write.number(static_cast<uint64_t>(manifest.checkpoint.record_micros));
  write.number(manifest.checkpoint.ruleset_hash);
  write.number(manifest.format);
  write.number(static_cast<uint32_t>(manifest.files.size()));
  for (const ManifestFile& file : manifest.files) {
    write.number(file.size);
    write.number(file.hash.low);
    write.number(file.hash.high);
    write.text(file.name, kMaxNameBytes);
  }
}

ManifestFile read_file(FieldReader& read) {
  ManifestFile file;
  file.size = read.number<uint64_t>();
  file.hash.low = read.number<uint64_t>();
  file.hash.high = read.number<uint64_t>();
  file.name = read.text(kMaxNameBytes);
  if (!is_plain_name(file.name)) throw BadFrame("a file of a snapshot has a name that none may have");
  return file;
}

Manifest read_manifest(FieldReader& read) {
  Manifest manifest;
  manifest.id = read.number<uint64_t>();
  manifest.checkpoint.next_offset = read.number<uint64_t>();
  manifest.checkpoint.entry_index = read.number<uint64_t>();
  manifest.checkpoint.record_micros = static_cast<int64_t>(read.number<uint64_t>());
  manifest.checkpoint.ruleset_hash = read.number<uint64_t>();
  manifest.format = read.number<uint32_t>();
  const auto count = read.number<uint32_t>();
  if (count > kMaxFiles) throw BadFrame("a snapshot has more files than one may have");
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < count; ++i) {
    ManifestFile file = read_file(read);
    if (i > 0 && file.name <= manifest.files.back().name)
      throw BadFrame("the files of a snapshot are not in order");
    if (__builtin_add_overflow(bytes, file.size, &bytes) || bytes > static_cast<uint64_t>(INT64_MAX))
      throw BadFrame("the files of a snapshot are larger than a disk");
    manifest.files.push_back(std::move(file));
  }
  return manifest;
}

}  // namespace

std::string encode(const Request& request) {
  std::string out;
  std::visit([&](const auto& one) { write_body(out, one); }, request);
  return out;
}

Request decode_request(std::string_view body) {
  FieldReader read(body);
  Request request;
  switch (static_cast<Operation>(begin(read))) {
    case Operation::open: {
      Open open;
      open.wanted.least_entry = read.number<uint64_t>();
      open.wanted.ruleset_hash = read.number<uint64_t>();
      request = open;
      break;
    }
    case Operation::read: {
      Read one;
      one.snapshot = read.number<uint64_t>();
      one.offset = read.number<uint64_t>();
      one.file = read.number<uint32_t>();
      one.length = read.number<uint32_t>();
      if (one.length == 0 || one.length > kMaxPieceBytes)
        throw BadFrame("a piece of a snapshot has 1 byte to 1 MiB");
      request = one;
      break;
    }
    case Operation::close:
      request = Close{read.number<uint64_t>()};
      break;
    default:
      throw BadFrame("an unknown snapshot message");
  }
  read.end();
  return request;
}

std::string encode(const Opened& opened) {
  std::string out;
  std::visit([&](const auto& one) { write_body(out, one); }, opened);
  return out;
}

Opened decode_opened(std::string_view body) {
  FieldReader read(body);
  Opened opened;
  switch (static_cast<Stage>(begin(read))) {
    case Stage::preparing: {
      Preparing preparing;
      preparing.done_bytes = read.number<uint64_t>();
      preparing.of_bytes = read.number<uint64_t>();
      opened = preparing;
      break;
    }
    case Stage::ready:
      opened = read_manifest(read);
      break;
    default:
      throw BadFrame("an unknown answer to a snapshot message");
  }
  read.end();
  return opened;
}

void seal_piece(std::string& answer) {
  const uint64_t checksum = piece_checksum(std::string_view(answer).substr(kPieceHead));
  std::memcpy(answer.data(), &checksum, sizeof checksum);
}

std::optional<std::string_view> open_piece(std::string_view answer, uint32_t length) {
  if (answer.size() != kPieceHead + length) return std::nullopt;
  uint64_t checksum;
  std::memcpy(&checksum, answer.data(), sizeof checksum);
  const std::string_view piece = answer.substr(kPieceHead);
  if (piece_checksum(piece) != checksum) return std::nullopt;
  return piece;
}

}  // namespace lode::snapshot
