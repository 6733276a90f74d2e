// The addresses of a client's servers, and which of them is next.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace lode::client {

class Addresses {
 public:
  // "host:port", several with commas between them.
  explicit Addresses(const std::string& text) {
    for (size_t begin = 0; begin <= text.size();) {
      size_t comma = std::min(text.find(',', begin), text.size());
      all_.push_back(text.substr(begin, comma - begin));
      begin = comma + 1;
    }
  }
  size_t size() const { return all_.size(); }
  const std::string& current() const { return all_[at_]; }
  void next() { at_ = (at_ + 1) % all_.size(); }

 private:
  std::vector<std::string> all_;
  size_t at_ = 0;
};

}  // namespace lode::client
