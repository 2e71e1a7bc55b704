// runtime/npy.cpp -- the .npy format (NumPy enhancement proposal 1): magic, version, a dictionary as text, the data.
#include "runtime/npy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <numeric>
#include <span>
#include <string>
#include <string_view>

#include "runtime/atomic_file.h"
#include "runtime/error.h"

namespace heddle {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are read and written as they lie in memory");

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::size_t most_dimensions = 64;  ///< as NumPy 2
constexpr std::size_t data_alignment = 64;

struct DescrRow {
    ScalarType type;
    std::string_view descr;
};

constexpr std::array<DescrRow, 11> descr_rows = {{
    {f16, "<f2"},
    {bf16, "<V2"},
    {f32, "<f4"},
    {f64, "<f8"},
    {i8, "|i1"},
    {u8, "|u1"},
    {i16, "<i2"},
    {u16, "<u2"},
    {i32, "<i4"},
    {i64, "<i8"},
    {boolean, "|b1"},
}};

std::string_view descr_of(ScalarType type) {
    for (const DescrRow& row : descr_rows)
        if (row.type == type) return row.descr;
    throw InternalError("a type without a .npy name");
}

/// The order mark does not matter where there is nothing to order: '<' and '|' are the same.
std::optional<ScalarType> type_of(std::string_view descr) {
    if (descr.empty() || (descr[0] != '<' && descr[0] != '|')) return std::nullopt;
    for (const DescrRow& row : descr_rows)
        if (row.descr.substr(1) == descr.substr(1) && (descr[0] == '<' || bytes_of(row.type) == 1 || row.type == bf16))
            return row.type;
    return std::nullopt;
}

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
    throw UserError(fmt::format("{}: {}", path.string(), what));
}

struct Header {
    std::optional<ScalarType> type;
    std::optional<bool> fortran_order;
    std::optional<std::vector<std::int64_t>> shape;
};

/// Reads the dictionary: a Python literal with the keys 'descr', 'fortran_order' and 'shape', in any order.
class HeaderParser {
public:
    /// `start` is where the text begins in the file.
    HeaderParser(const std::filesystem::path& path, std::string_view text, std::size_t start)
        : path_(path), text_(text), start_(start) {}

    Header parse() {
        Header header;
        expect('{');
        while (!accept('}')) {
            skip_space();
            const std::size_t key_at = at_;
            const std::string_view key = quoted("a key in quotes or '}'");
            expect(':');
            if (key == "descr" && !header.type)
                header.type = descr();
            else if (key == "fortran_order" && !header.fortran_order)
                header.fortran_order = truth();
            else if (key == "shape" && !header.shape)
                header.shape = tuple();
            else
                error("'descr', 'fortran_order' and 'shape', once each, not '" + std::string(key) + "'", key_at);
            if (accept(',')) continue;
            expect('}', "',' or '}'");
            break;
        }
        skip_space();
        if (at_ != text_.size()) error("nothing but spaces after '}'");
        for (const auto& [present, name] :
             {std::pair(header.type.has_value(), "descr"), std::pair(header.fortran_order.has_value(), "fortran_order"),
              std::pair(header.shape.has_value(), "shape")})
            if (!present) fail(path_, fmt::format("the header has no '{}'", name));
        return header;
    }

private:
    [[noreturn]] void error(const std::string& expected) const { error(expected, at_); }

    /// `at` counts from the beginning of the text, the message from that of the file.
    [[noreturn]] void error(const std::string& expected, std::size_t at) const {
        fail(path_, fmt::format("byte {}, in the header: expected {}", start_ + at, expected));
    }

    void skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
    }

    bool accept(char c) {
        skip_space();
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    void expect(char c, const char* expected = nullptr) {
        if (!accept(c)) error(expected != nullptr ? std::string(expected) : fmt::format("'{}'", c));
    }

    std::string_view quoted(const char* expected) {
        skip_space();
        if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) error(expected);
        const std::size_t end = text_.find(text_[at_], at_ + 1);
        if (end == std::string_view::npos) error("a closing quote");
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return inside;
    }

    ScalarType descr() {
        skip_space();
        const std::size_t begin = at_;
        const std::string_view name = quoted("an element type in quotes (structured types are not read)");
        if (const auto type = type_of(name)) return *type;
        std::vector<std::string_view> legal;
        for (const DescrRow& row : descr_rows) legal.push_back(row.descr);
        error(fmt::format("an element type among {} (little-endian), not '{}'", fmt::join(legal, ", "), name), begin);
    }

    bool truth() {
        skip_space();
        for (const auto& [word, value] :
             {std::pair(std::string_view("True"), true), std::pair(std::string_view("False"), false)})
            if (text_.substr(at_, word.size()) == word) {
                at_ += word.size();
                return value;
            }
        error("True or False");
    }

    std::vector<std::int64_t> tuple() {
        std::vector<std::int64_t> shape;
        expect('(');
        while (!accept(')')) {
            skip_space();
            std::int64_t extent = 0;
            const auto [rest, problem] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
            if (problem == std::errc::result_out_of_range) error("an extent below 2^63");
            if (problem != std::errc() || extent < 0) error("an extent of 0 or more, or ')'");
            if (shape.size() == most_dimensions) error(fmt::format("at most {} dimensions", most_dimensions));
            at_ = static_cast<std::size_t>(rest - text_.data());
            shape.push_back(extent);
            if (accept(',')) continue;
            expect(')', "',' or ')'");
            break;
        }
        return shape;
    }

    const std::filesystem::path& path_;
    std::string_view text_;
    std::size_t start_;
    std::size_t at_ = 0;
};

/// An open file that says what it was reading when it ends early.
class Reader {
public:
    explicit Reader(const std::filesystem::path& path)
        : path_(path), file_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
        struct stat status {};
        if (!file_.valid() || ::fstat(file_.get(), &status) != 0) fail(path, "cannot be read: " + system_error_text());
        if (!S_ISREG(status.st_mode)) fail(path, "is not a regular file");
        left_ = static_cast<std::uint64_t>(status.st_size);
    }

    std::uint64_t left() const { return left_; }

    void read(std::span<std::byte> target, const char* what) {
        if (left_ < target.size())
            fail(path_, fmt::format("ends within {}: {} bytes are missing", what, target.size() - left_));
        if (!read_fully(file_.get(), target))
            fail(path_, fmt::format("{} cannot be read: {}", what, system_error_text()));
        left_ -= target.size();
    }

private:
    const std::filesystem::path& path_;
    FileDescriptor file_;
    std::uint64_t left_ = 0;
};

std::string shape_as_tuple(const std::vector<std::int64_t>& shape) {
    return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

}  // namespace

Buffer read_npy(const std::filesystem::path& path) {
    Reader file(path);
    std::array<unsigned char, 8> start{};
    file.read(std::as_writable_bytes(std::span(start)), "the magic number and version");
    if (!std::equal(magic.begin(), magic.end(), start.begin(),
                    [](char a, unsigned char b) { return static_cast<unsigned char>(a) == b; }))
        fail(path, "byte 0: expected the magic number \\x93NUMPY; this is no .npy file");
    const int version = start[6];
    if (version < 1 || version > 3 || start[7] != 0)
        fail(path, fmt::format("byte 6: expected version 1.0, 2.0 or 3.0, not {}.{}", version, start[7]));

    std::array<unsigned char, 4> length{};
    const std::size_t length_bytes = version == 1 ? 2 : 4;
    file.read(std::as_writable_bytes(std::span(length).first(length_bytes)), "the length of the header");
    const std::uint64_t header_bytes = length[0] | length[1] << 8 | length[2] << 16 | std::uint64_t{length[3]} << 24;
    if (header_bytes > file.left())
        fail(path, fmt::format("the header should have {} bytes and the file has {} more", header_bytes, file.left()));
    std::string text(header_bytes, '\0');
    file.read(std::as_writable_bytes(std::span(text)), "the header");
    const Header header = HeaderParser(path, text, start.size() + length_bytes).parse();

    std::vector<std::int64_t> shape = *header.shape;
    // The product fits 64 bits as long as it is no more than what the file holds; an empty shape has no data.
    const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    std::uint64_t promised = empty ? 0 : static_cast<std::uint64_t>(bytes_of(*header.type));
    bool overflow = false;
    for (std::int64_t extent : shape)
        overflow |= __builtin_mul_overflow(promised, static_cast<std::uint64_t>(extent), &promised);
    if (overflow || promised != file.left())
        fail(path, fmt::format("the header promises {} of {}, {} bytes, and the file has {} after it",
                               name_of(*header.type), shape_as_tuple(shape),
                               overflow ? std::string("over 2^64") : std::to_string(promised), file.left()));

    if (*header.fortran_order) std::reverse(shape.begin(), shape.end());
    Buffer buffer(*header.type, shape);
    file.read({static_cast<std::byte*>(buffer.data()), promised}, "the data");
    if (buffer.type() == boolean)
        for (auto& value : std::span(buffer.as<std::uint8_t>(), promised)) value = value != 0 ? 1 : 0;
    if (!*header.fortran_order) return buffer;
    std::vector<int> reversed(shape.size());
    std::iota(reversed.rbegin(), reversed.rend(), 0);
    return buffer.permuted(reversed).copy();
}

void write_npy(const std::filesystem::path& path, const Buffer& buffer) {
    if (!buffer.defined()) fail(path, fmt::format("cannot be written: buffer {} has no memory", describe(buffer)));
    const Buffer rows = buffer.contiguous() ? buffer : buffer.copy();
    std::string text = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", descr_of(rows.type()),
                                   shape_as_tuple(rows.shape()));
    const std::size_t prefix = magic.size() + 2 + 2;
    text.append(data_alignment - (prefix + text.size() + 1) % data_alignment, ' ');
    text += '\n';
    require(text.size() < 1 << 16, "the header of a .npy file of version 1 passes 64 KB");
    std::string start(magic);
    for (std::size_t c : {std::size_t{1}, std::size_t{0}, text.size() & 0xff, text.size() >> 8})
        start += static_cast<char>(c);
    start += text;

    const auto data_bytes = static_cast<std::size_t>(rows.elements()) * static_cast<std::size_t>(bytes_of(rows.type()));
    const std::array parts = {std::as_bytes(std::span<const char>(start)),
                              std::span(static_cast<const std::byte*>(rows.data()), data_bytes)};
    const std::filesystem::path folder_path = path.has_parent_path() ? path.parent_path() : ".";
    const FileDescriptor folder(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.valid())
        fail(path, fmt::format("cannot be written: folder {}: {}", folder_path.string(), system_error_text()));
    if (path.filename().empty()) fail(path, "cannot be written: it names a folder; give a file name");
    if (const auto reason = write_file_atomically(folder.get(), path.filename().string(), parts, 0666))
        fail(path, "cannot be written: " + *reason);
}

}  // namespace heddle
