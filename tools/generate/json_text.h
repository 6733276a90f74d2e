// Writes JSON text into a string, member by member. Not thread-safe. The caller keeps begins and ends in
// pairs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace lode::generate {

class JsonText {
 public:
  explicit JsonText(std::string& out) : out_(out) {}

  // An empty key is for the values of an array and for the outermost value.
  JsonText& begin_object(std::string_view key = {}) { return open(key, '{'); }
  JsonText& end_object() { return close('}'); }
  JsonText& begin_array(std::string_view key = {}) { return open(key, '['); }
  JsonText& end_array() { return close(']'); }
  JsonText& text(std::string_view key, std::string_view value);
  JsonText& number(std::string_view key, int64_t value);
  JsonText& decimal(std::string_view key, double value, int digits);
  JsonText& truth(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  // `json` is JSON already.
  JsonText& raw(std::string_view key, std::string_view json);

 private:
  JsonText& open(std::string_view key, char bracket);
  JsonText& close(char bracket);
  void start(std::string_view key);
  void quoted(std::string_view value);

  std::string& out_;
  bool first_ = true;  // nothing stands in the innermost bracket yet
};

}  // namespace lode::generate
