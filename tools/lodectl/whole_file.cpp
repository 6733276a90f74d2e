#include "lodectl/whole_file.h"

#include <fstream>
#include <iostream>
#include <sstream>

#include "lodectl/answer.h"
#include "lodectl/command.h"

namespace lode::lodectl {

std::string read_whole_file(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Failed("can't read " + path, kUsage);
    text << file.rdbuf();
  }
  return text.str();
}

}  // namespace lode::lodectl
