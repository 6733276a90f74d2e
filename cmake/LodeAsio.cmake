# Asio, compiled once for every folder that owns sockets; its TLS part is linked only where it is used.
find_package(OpenSSL REQUIRED)
add_library(lode_asio STATIC ${CMAKE_CURRENT_LIST_DIR}/asio.cpp ${CMAKE_CURRENT_LIST_DIR}/asio_tls.cpp)
target_compile_definitions(lode_asio PUBLIC BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED
                                            BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(lode_asio PUBLIC Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
