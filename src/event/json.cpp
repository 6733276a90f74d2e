#include "event/json.h"

#include <algorithm>
#include <cstring>

#include "event/event_reader.h"
#include "event/json_leaves.h"

namespace lode::event {
namespace {

// Lines are scanned for tokens this many bytes at a time: positions and text stay in the cache, and a body's
// tokens never need more memory than this.
constexpr size_t kScanBytes = 128 << 10;

Problem cannot_split() {
  return {"invalid_json", "", "Send valid UTF-8 JSON: one object or one array of objects."};
}

Problem malformed_item() {
  return {"invalid_json", "", "Send one JSON object an item, with nothing behind it."};
}

std::string_view without_bom(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

const char* line_end(const char* p, const char* end) {
  auto found = static_cast<const char*>(std::memchr(p, '\n', static_cast<size_t>(end - p)));
  return found != nullptr ? found : end;
}

bool is_blank(const char* p, const char* end) {
  while (p < end && (*p == ' ' || *p == '\t' || *p == '\r')) ++p;
  return p == end;
}

// However a body's decoding ends, its tokens' room is given back.
struct GiveBack {
  JsonStructure& structure;
  ~GiveBack() { structure.shrink(); }
};

}  // namespace

struct JsonDecoder::Impl {
  explicit Impl(const Limits& given) : limits(given), reader(given) {}

  bool read(JsonCursor& cursor, std::string_view contact, EventBatch& batch) {
    return format == Format::json ? reader.read_event(cursor, contact, batch, problem)
                                  : reader.read_cloudevent(cursor, contact, batch, problem);
  }
  void accept(EventBatch& batch) { batch.indexes.push_back(batch.item_count++); }
  void reject(EventBatch& batch) { batch.rejections.push_back({batch.item_count++, std::move(problem)}); }
  void take_back(EventBatch& batch) {
    batch.lines.resize(batch.events.back().first_line);
    batch.events.pop_back();
  }
  bool small_enough(size_t bytes) {
    if (bytes <= limits.event_bytes) return true;
    problem = {"too_large", "", "Send at most " + std::to_string(limits.event_bytes) + " bytes an event."};
    return false;
  }
  Problem too_many_events() const {
    return {"too_many_events", "",
            "Send at most " + std::to_string(limits.events_per_request) + " events in one request."};
  }

  // An item whose tokens are exactly [begin, end).
  bool read_item(const char* text, const uint32_t* begin, const uint32_t* end, std::string_view contact,
                 EventBatch& batch) {
    JsonCursor cursor(text, begin, end, structure.has_escapes());
    if (!read(cursor, contact, batch)) {
      if (is_malformed({text, begin, end})) problem = malformed_item();
      return false;
    }
    if (cursor.at_end()) return true;
    take_back(batch);
    problem = malformed_item();
    return false;
  }

  // Of an item that is refused: the reader stops at the first thing wrong, and what is no JSON at all shall
  // not be told that it lacks a member.
  bool is_malformed(JsonCursor cursor) {
    if (problem.code == "invalid_json" || problem.code == "too_deep") return false;
    ContentHash ignored;
    JsonError error = leaves.add(cursor, ContentHash::kRoot, limits.nesting, ignored);
    return error == JsonError::malformed || (error == JsonError::none && !cursor.at_end());
  }

  bool read_text(std::string_view text, std::string_view contact, EventBatch& batch) {
    if (!structure.scan(text)) {
      problem = {"invalid_json", "",
                 "Send valid UTF-8 JSON with every string closed and control characters escaped."};
      return false;
    }
    auto tokens = structure.tokens();
    return read_item(text.data(), tokens.data(), tokens.data() + tokens.size(), contact, batch);
  }

  void read_lines(std::string_view text, EventBatch& batch);
  bool split_items(std::string_view text);

  Limits limits;
  EventReader reader;
  JsonStructure structure;
  JsonLeaves leaves;
  Format format = Format::json;
  Problem problem;
  std::vector<std::pair<const uint32_t*, const uint32_t*>> items;  // of an array: each one's tokens
};

// Whole lines. Their tokens are found in one go; where that fails, a line is broken, and each is looked at
// alone. The answer is the same: a string never holds a line's end, so a good scan means that no token
// crosses lines.
void JsonDecoder::Impl::read_lines(std::string_view text, EventBatch& batch) {
  bool scanned = structure.scan(text);
  const char* end = text.data() + text.size();
  const uint32_t* token = structure.tokens().data();
  const uint32_t* last = token + structure.tokens().size();
  for (const char* p = text.data(); p < end;) {
    const char* stop = line_end(p, end);
    std::string_view line(p, static_cast<size_t>(stop - p));
    p = stop + 1;
    if (is_blank(line.data(), stop)) continue;
    if (!scanned) {
      read_text(line, {}, batch) ? accept(batch) : reject(batch);
      continue;
    }
    // As if the tokens went on: only a broken line runs into the next one.
    auto stop_at = static_cast<uint32_t>(stop - text.data());
    JsonCursor cursor(text.data(), token, last, structure.has_escapes());
    if (read(cursor, {}, batch)) {
      if (*cursor.token() >= stop_at && cursor.token()[-1] < stop_at) [[likely]] {
        accept(batch);
        token = cursor.token();
        continue;
      }
      take_back(batch);
    }
    const uint32_t* next = std::lower_bound(token, last, stop_at);
    read_item(text.data(), token, next, {}, batch) ? accept(batch) : reject(batch);
    token = next;
  }
}

// Where a body's items begin and end, by counting brackets. It stops behind the first item too many. False:
// it has no such shape.
bool JsonDecoder::Impl::split_items(std::string_view text) {
  auto tokens = structure.tokens();
  JsonCursor cursor(text.data(), tokens.data(), tokens.data() + tokens.size());
  items.clear();
  auto take_item = [&] {
    const uint32_t* begin = cursor.token();
    if (!cursor.skip_value()) return false;
    items.emplace_back(begin, cursor.token());
    return true;
  };
  if (cursor.peek() == '{') return take_item() && cursor.at_end();
  if (!cursor.take('[')) return false;
  if (cursor.take(']')) return cursor.at_end();
  do {
    if (!take_item()) return false;
    if (items.size() > limits.events_per_request) return true;
  } while (cursor.take(','));
  return cursor.take(']') && cursor.at_end();
}

JsonDecoder::JsonDecoder(Limits limits) : impl_(std::make_unique<Impl>(limits)) {}
JsonDecoder::~JsonDecoder() = default;
JsonDecoder::JsonDecoder(JsonDecoder&&) noexcept = default;
JsonDecoder& JsonDecoder::operator=(JsonDecoder&&) noexcept = default;

const Limits& JsonDecoder::limits() const { return impl_->limits; }

std::optional<Problem> JsonDecoder::decode_json(std::shared_ptr<const std::string> body, EventBatch& batch,
                                                Format format) {
  Impl& impl = *impl_;
  impl.format = format;
  GiveBack give_back{impl.structure};
  std::string_view text = without_bom(*body);
  if (!impl.structure.scan(text) || !impl.split_items(text)) return cannot_split();
  if (impl.items.size() > impl.limits.events_per_request) return impl.too_many_events();
  batch.bodies.push_back(body);
  for (auto [begin, end] : impl.items) {
    JsonCursor whole(text.data(), end, end);
    auto bytes = static_cast<size_t>(whole.value_end() - (text.data() + *begin));
    bool read = impl.small_enough(bytes) && impl.read_item(text.data(), begin, end, {}, batch);
    read ? impl.accept(batch) : impl.reject(batch);
  }
  return std::nullopt;
}

std::optional<Problem> JsonDecoder::decode_ndjson(std::shared_ptr<const std::string> body,
                                                  EventBatch& batch) {
  Impl& impl = *impl_;
  impl.format = Format::json;
  GiveBack give_back{impl.structure};
  std::string_view text = without_bom(*body);
  const char* end = text.data() + text.size();
  uint64_t count = 0;
  for (const char* p = text.data(); p < end;) {
    const char* stop = line_end(p, end);
    if (!is_blank(p, stop) && ++count > impl.limits.events_per_request) return impl.too_many_events();
    p = stop + 1;
  }
  batch.bodies.push_back(body);
  batch.events.reserve(batch.events.size() + count);

  const char* from = text.data();  // lines that were not read yet
  for (const char* p = from; p < end;) {
    const char* stop = line_end(p, end);
    bool fits = impl.small_enough(static_cast<size_t>(stop - p));
    const char* until = fits ? std::min(stop + 1, end) : p;
    if (!fits || until == end || static_cast<size_t>(until - from) >= kScanBytes) {
      impl.read_lines({from, static_cast<size_t>(until - from)}, batch);
      from = std::min(stop + 1, end);
    }
    if (!fits) {
      impl.small_enough(static_cast<size_t>(stop - p));
      impl.reject(batch);
    }
    p = stop + 1;
  }
  return std::nullopt;
}

bool JsonDecoder::decode_one(std::string_view text, std::string_view contact, uint32_t index,
                             EventBatch& batch, Format format) {
  Impl& impl = *impl_;
  impl.format = format;
  bool read = impl.small_enough(text.size()) && impl.read_text(text, contact, batch);
  ++batch.item_count;
  if (read) {
    batch.indexes.push_back(index);
  } else {
    batch.rejections.push_back({index, std::move(impl.problem)});
  }
  return read;
}

}  // namespace lode::event
