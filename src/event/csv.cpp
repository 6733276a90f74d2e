#include "event/csv.h"

#include <algorithm>

#include "event/json_structure.h"

namespace lode::event {

void CsvReader::feed(std::string_view bytes) {
  buffer_.erase(0, position_);
  position_ = 0;
  buffer_ += bytes;
}

void CsvReader::go_on_at(size_t position) {
  line_ += static_cast<uint64_t>(std::count(buffer_.begin() + static_cast<ptrdiff_t>(position_),
                                            buffer_.begin() + static_cast<ptrdiff_t>(position), '\n'));
  position_ = position;
}

// Steps over a byte order mark, the rest of a broken line, and blank lines. False: more must be fed to say
// what is next.
bool CsvReader::skip_lines() {
  std::string_view rest(buffer_);
  if (!begun_) {
    if (rest.size() < 3 && !finished_) return false;
    if (rest.starts_with("\xEF\xBB\xBF")) position_ = 3;
    begun_ = true;
  }
  if (skip_line_) {
    size_t stop = buffer_.find('\n', position_);
    skip_line_ = stop == std::string::npos;
    go_on_at(skip_line_ ? buffer_.size() : stop + 1);
    if (skip_line_) return false;
  }
  for (;;) {
    rest = std::string_view(buffer_).substr(position_);
    if (rest.starts_with('\n')) {
      go_on_at(position_ + 1);
    } else if (rest.starts_with("\r\n")) {
      go_on_at(position_ + 2);
    } else if (rest == "\r" && finished_) {
      position_ = buffer_.size();
    } else {
      return !rest.empty() && rest != "\r";
    }
  }
}

bool CsvReader::next(CsvRow& row) {
  row.fields.clear();
  row.broken = {};
  if (!skip_lines()) return false;
  row.line = line_;
  size_t end = position_;
  Parse parsed = parse(row, end);
  bool too_long = end - position_ > kRowBytes;
  if (parsed == Parse::unfinished && !too_long && !finished_) return false;
  if (parsed == Parse::unfinished) row.broken = "close the quotes of every field.";
  if (too_long) row.broken = "send at most 1 MiB a row.";
  if (row.broken.empty() && columns_ != 0 && row.fields.size() != columns_) {
    row.broken = "send as many fields as the header has.";
  }
  if (!row.broken.empty()) {
    end = position_;
    skip_line_ = true;
  } else if (!is_utf8({buffer_.data() + position_, end - position_})) {
    row.broken = "send UTF-8.";
  }
  if (columns_ == 0 && row.broken.empty()) columns_ = row.fields.size();
  go_on_at(end);
  return true;
}

// One row from position_ on; `end` is how far it got: behind the row's line end when the row is whole.
CsvReader::Parse CsvReader::parse(CsvRow& row, size_t& end) {
  const char* begin = buffer_.data();
  const char* stop = begin + buffer_.size();
  const char* p = begin + position_;
  unquoted_.clear();
  unquoted_.reserve(std::min(static_cast<size_t>(stop - p), kRowBytes + 1));  // views into it must not move
  auto at = [&](const char* q) { end = static_cast<size_t>(q - begin); };
  for (;;) {
    if (p < stop && *p == '"') {
      size_t text = unquoted_.size();
      ++p;
      for (;;) {
        const char* quote = std::find(p, stop, '"');
        if (static_cast<size_t>(quote - begin) - position_ > kRowBytes) {
          at(quote);
          return Parse::unfinished;
        }
        unquoted_.append(p, quote);
        if (quote == stop || (quote + 1 == stop && !finished_)) {
          at(stop);
          return Parse::unfinished;
        }
        p = quote + 1;
        if (p == stop || *p != '"') break;
        unquoted_ += '"';
        ++p;
      }
      row.fields.emplace_back(unquoted_.data() + text, unquoted_.size() - text);
    } else {
      const char* field = p;
      while (p < stop && *p != ',' && *p != '\n') ++p;
      if (p == stop && !finished_) {
        at(stop);
        return Parse::unfinished;
      }
      std::string_view value(field, static_cast<size_t>(p - field));
      if ((p == stop || *p == '\n') && value.ends_with('\r')) value.remove_suffix(1);
      row.fields.push_back(value);
    }
    if (p < stop && *p == '\r' && (p + 1 == stop || p[1] == '\n')) {
      if (p + 1 == stop && !finished_) {
        at(stop);
        return Parse::unfinished;
      }
      ++p;
    }
    if (p == stop || *p == '\n') {
      if (p == stop && !finished_) {
        at(stop);
        return Parse::unfinished;
      }
      at(p == stop ? p : p + 1);
      return Parse::row;
    }
    if (*p != ',') {
      row.broken = "put nothing between a closing quote and the next comma; double a quote inside a field.";
      at(p);
      return Parse::broken;
    }
    ++p;
  }
}

}  // namespace lode::event
