// RFC 4180 CSV, read as it streams in: quoted fields with embedded line ends and doubled quotes, LF or CRLF,
// a UTF-8 byte order mark. Knows nothing of events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lode::event {

struct CsvRow {
  uint64_t line = 0;                     // of the file, from 1, where the row begins
  std::vector<std::string_view> fields;  // hold until the reader's next call
  std::string_view broken;               // why the row can't be read, a sentence; empty: it can
};

// Not thread-safe. The first row fixes how many fields a row has; blank lines are skipped. A row that can't
// be read costs itself: reading goes on at the line after the one where it began, so that a lost quote
// doesn't swallow a file.
class CsvReader {
 public:
  // A longer row is broken.
  static constexpr size_t kRowBytes = 1 << 20;

  void feed(std::string_view bytes);
  void finish() { finished_ = true; }  // no more will be fed
  // The next row; false: none before more is fed, or none any more.
  bool next(CsvRow& row);

 private:
  enum class Parse { row, broken, unfinished };
  Parse parse(CsvRow& row, size_t& end);
  void go_on_at(size_t position);
  bool skip_lines();

  std::string buffer_;
  size_t position_ = 0;
  uint64_t line_ = 1;
  size_t columns_ = 0;
  bool begun_ = false, finished_ = false;
  bool skip_line_ = false;  // the line at position_ was broken
  std::string unquoted_;    // the text of quoted fields of this row
};

}  // namespace lode::event
