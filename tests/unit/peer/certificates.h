// A certificate authority of a test's own, with its files in a folder that goes with it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "peer/settings.h"

namespace lode::peer {

class TestCa {
 public:
  TestCa();
  ~TestCa();
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  // A fresh key and certificate with `dns_name` as its one subject alternative name.
  TlsFiles issue(const std::string& dns_name);
  // The same, over the files that are there.
  void issue_again(const TlsFiles& files, const std::string& dns_name);

 private:
  struct Keys;
  const std::filesystem::path folder_;
  std::unique_ptr<Keys> keys_;
  int issued_ = 0;
};

}  // namespace lode::peer
