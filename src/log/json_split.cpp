#include "log/json_split.h"

#include <xxhash.h>

namespace lode::log {

namespace {

constexpr size_t kMostNesting = 64;

// Walks over JSON's structure, of a text or of what is around its leaves: `on_leaf` is told where a leaf
// lies, with its path. False: not understood.
class Walk {
 public:
  Walk(std::string_view text, uint64_t root) : text_(text), path_(root) {}

  template <typename OnLeaf>
  bool run(const OnLeaf& on_leaf) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool is_name = in_object() && expects_name_;
      if (c == '"') {
        const size_t from = ++at_;
        if (!skip_string()) return false;
        const std::string_view inner = text_.substr(from, at_ - 1 - from);
        if (is_name) {
          path_ = XXH3_64bits_withSeed(inner.data(), inner.size(), container());
          expects_name_ = false;
        } else {
          on_leaf(from - 1, at_, path_, inner);
        }
        continue;
      }
      if (c == kTextLeaf || c == kNumberLeaf || c == '-' || (c >= '0' && c <= '9')) {
        const size_t from = at_++;
        if (c > kNumberLeaf)
          while (at_ < text_.size() && is_number(text_[at_])) ++at_;
        on_leaf(from, at_, path_, text_.substr(from, at_ - from));
        continue;
      }
      if (!structure(c)) return false;
      ++at_;
    }
    return stack_.empty();
  }

 private:
  struct Level {
    uint64_t path;
    bool object;
  };
  static bool is_number(char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == 'e' || c == 'E' || c == '+' || c == '-';
  }
  bool in_object() const { return !stack_.empty() && stack_.back().object; }
  uint64_t container() const { return stack_.back().path; }

  // Past the quote that ends it.
  bool skip_string() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      at_ += c == '\\' ? 2 : 1;
      if (c == '"') return true;
    }
    return false;
  }

  bool structure(char c) {
    switch (c) {
      case '{':
      case '[':
        if (stack_.size() == kMostNesting) return false;
        stack_.push_back({path_ * 31 + static_cast<uint64_t>(c), c == '{'});
        path_ = stack_.back().path;
        expects_name_ = true;
        return true;
      case '}':
      case ']':
        if (stack_.empty() || stack_.back().object != (c == '}')) return false;
        stack_.pop_back();
        return true;
      case ',':
        expects_name_ = true;
        if (!stack_.empty()) path_ = stack_.back().path;
        return true;
      case ':':
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        return true;
      default:
        return c >= 'a' && c <= 'z';  // true, false, null: part of the text around
    }
  }

  std::string_view text_;
  size_t at_ = 0;
  uint64_t path_;
  bool expects_name_ = false;
  std::vector<Level> stack_;
};

}  // namespace

bool split_json(std::string_view json, uint64_t root, std::string& around, std::vector<Leaf>& leaves) {
  around.clear();
  leaves.clear();
  size_t copied = 0;
  bool clean = true;
  const bool understood =
      Walk(json, root).run([&](size_t from, size_t to, uint64_t path, std::string_view leaf) {
        const char first = json[from];
        clean = clean && first != kTextLeaf && first != kNumberLeaf;
        around.append(json.substr(copied, from - copied));
        around += first == '"' ? kTextLeaf : kNumberLeaf;
        copied = to;
        leaves.push_back({path, leaf});
      });
  around.append(json.substr(copied));
  return understood && clean;
}

Around parse_around(std::string_view around, uint64_t root) {
  Around out;
  size_t copied = 0;
  Walk(around, root).run([&](size_t from, size_t to, uint64_t path, std::string_view) {
    Around::Place place;
    place.before = around.substr(copied, from - copied);
    place.text = around[from] == kTextLeaf;
    if (place.text) place.before += '"';
    place.path = path;
    if (!out.places.empty() && out.places.back().text) place.before.insert(0, 1, '"');
    out.places.push_back(std::move(place));
    copied = to;
  });
  out.end = around.substr(copied);
  if (!out.places.empty() && out.places.back().text) out.end.insert(0, 1, '"');
  return out;
}

}  // namespace lode::log
