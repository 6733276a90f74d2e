#include "lodectl/server_program.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>

#include "lodectl/command.h"

namespace lode::lodectl {

void become_server_program(const std::vector<std::string>& arguments) {
  std::error_code unknown;
  const std::filesystem::path own = std::filesystem::read_symlink("/proc/self/exe", unknown);
  std::string program = own.parent_path() / "loded";
  if (unknown || !std::filesystem::exists(program)) program = "loded";
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  std::cout.flush();
  ::execvp(program.c_str(), pointers.data());
  throw Failed("the program loded, which does this, can't be run: " + std::string(std::strerror(errno)));
}

}  // namespace lode::lodectl
