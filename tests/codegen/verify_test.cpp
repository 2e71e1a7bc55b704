// tests/codegen/verify_test.cpp -- the verifier: planted faults, each beside a twin that is right.
#include <gtest/gtest.h>

#include "codegen/lower.h"
#include "codegen/verify.h"

namespace heddle::test {
namespace {

const AnyTensor x("x", f32, std::vector<Extent>{16, 9}), y("y", f32, std::vector<Extent>{16});
const Symbol i("i", SymbolKind::loop), j("j", SymbolKind::loop), n = Symbol::parameter("N", 1, 64);

Stmt loop(const Symbol& var, Expr extent, Stmt body, LoopKind kind = LoopKind::serial, Expr min = Expr::integer(0)) {
    For node;
    node.var = var;
    node.min = std::move(min);
    node.extent = std::move(extent);
    node.kind = kind;
    node.body = std::move(body);
    return Stmt::make(std::move(node));
}
Stmt when(Expr condition, Stmt then) {
    If node;
    node.condition = std::move(condition);
    node.then = std::move(then);
    return Stmt::make(std::move(node));
}
Stmt held_in(const AnyTensor& storage, Stmt body) {
    Allocate node;
    node.storage = storage;
    node.body = std::move(body);
    return Stmt::make(std::move(node));
}
Stmt copy(Expr row, Expr column) { return store(y, {Expr(i)}, load(x, {std::move(row), std::move(column)})); }

// What the verifier says of a body; "" when it accepts.
std::string objection(const Stmt& body, const std::string& pass = "some_pass") {
    try {
        verify(Function{"f", {x, y}, {n}, body, 0, {}}, pass);
        return "";
    } catch (const InternalError& error) {
        return error.what();
    }
}
void expect_objection(const Stmt& wrong, const std::string& says, const Stmt& right) {
    EXPECT_NE(objection(wrong).find(says), std::string::npos) << objection(wrong) << "\ndoes not say\n" << says;
    EXPECT_EQ(objection(right), "");
}

TEST(Verify, VariablesAreDefined) {
    expect_objection(loop(i, 16, copy(Expr(i), Expr(j))), "variable j is used outside of its loop",
                     loop(i, 16, loop(j, 9, copy(Expr(i), Expr(j)))));
    expect_objection(block({loop(i, 16, copy(Expr(i), 0)), copy(0, 0)}), "variable i is used outside",
                     block({loop(i, 16, copy(Expr(i), 0)), loop(i, 16, copy(Expr(i), 0))}));
    expect_objection(loop(i, 4, loop(i, 4, copy(Expr(i), 0))), "variable i is defined twice",
                     loop(j, 4, loop(i, 4, copy(Expr(i), 0))));
}

TEST(Verify, ReadsAreInside) {
    expect_objection(loop(i, 16, loop(j, 10, copy(Expr(i), Expr(j)))), "x may be accessed outside: index j",
                     loop(i, 16, loop(j, 9, copy(Expr(i), Expr(j)))));
    expect_objection(loop(i, 16, copy(Expr(i) - 1, 0)), "x may be accessed outside: index i - 1",
                     loop(i, 15, copy(Expr(i) - 1, 0), LoopKind::serial, 1));
    expect_objection(loop(i, 16, when(Expr(i) < 15, copy(Expr(i) + 2, 0))), "x may be accessed outside",
                     loop(i, 16, when(Expr(i) < 14, copy(Expr(i) + 2, 0))));
    const Expr guarded = select(Expr(0) <= Expr(i) - 1, load(x, {Expr(i) - 1, Expr(0)}), Expr::floating(0, f32));
    const Expr backwards = select(Expr(0) <= Expr(i) - 1, Expr::floating(0, f32), load(x, {Expr(i) - 1, Expr(0)}));
    expect_objection(loop(i, 16, store(y, {Expr(i)}, backwards)), "x may be accessed outside",
                     loop(i, 16, store(y, {Expr(i)}, guarded)));
}

TEST(Verify, WritesAreInside) {
    expect_objection(loop(i, 17, copy(0, 0)), "y may be accessed outside: index i of dimension 0, extent 16",
                     loop(i, 16, copy(0, 0)));
    expect_objection(loop(i, Expr(n), copy(0, 0)), "y may be accessed outside",
                     loop(i, Expr(n), when(Expr(i) < 16, copy(0, 0))));
    expect_objection(loop(i, 16, store(y, {Expr(i), Expr(0), Expr(0)}, load(x, {Expr(i), Expr(0)}))),
                     "y is accessed with 3 indices", loop(i, 16, copy(Expr(i), 0)));
}

TEST(Verify, QuotientsAndFoldsAreFollowed) {
    const Expr row = Expr(j) / 9, column = Expr(j) % 9;
    expect_objection(loop(i, 16, loop(j, 145, copy(row, column))), "x may be accessed outside: index j / 9",
                     loop(i, 16, loop(j, 144, copy(row, column))));
    expect_objection(loop(i, 16, loop(j, 200, when(Expr(j) < 150, copy(row, column)))), "x may be accessed outside",
                     loop(i, 16, loop(j, 200, when(Expr(j) < 144, copy(row, column)))));
    const Expr whole = (Expr(j) / 4 * 2 + Expr(j) / 2 % 2) * 2 + Expr(j) % 2;  // j again
    expect_objection(loop(i, 16, loop(j, 28, when(Expr(j) < 17, copy(whole, 0)))), "x may be accessed outside",
                     loop(i, 16, loop(j, 28, when(Expr(j) < 16, copy(whole, 0)))));
    const auto reflected = [](const Expr& index) { return max(index, Expr(0) - index); };
    expect_objection(loop(i, 16, loop(j, 9, copy(Expr(i), reflected(Expr(j) - 9)))), "x may be accessed outside",
                     loop(i, 16, loop(j, 9, copy(Expr(i), reflected(Expr(j) - 8)))));
}

TEST(Verify, StorageIsDefined) {
    const AnyTensor tile = make_storage("tile", f32, {Expr(16)});
    const Stmt use = loop(i, 16, store(tile, {Expr(i)}, load(x, {Expr(i), Expr(0)})));
    expect_objection(use, "storage tile is not defined", held_in(tile, use));
    expect_objection(block({held_in(tile, use), use}), "storage tile is not defined", held_in(tile, block({use, use})));
}

TEST(Verify, LoopsAreOfLegalKinds) {
    expect_objection(loop(i, 16, loop(j, 9, copy(Expr(i), Expr(j))), LoopKind::vectorized),
                     "loop j is inside of a vectorized loop",
                     loop(i, 16, loop(j, 8, copy(Expr(i), Expr(j)), LoopKind::vectorized)));
    expect_objection(loop(i, Expr(n), when(Expr(i) < 16, copy(0, 0)), LoopKind::unrolled), "no constant extent",
                     loop(i, 16, copy(0, 0), LoopKind::unrolled));
    Read bounded(x.node(), {Expr(i), Expr(0)}, {BoundaryMode::zero}, f32);
    expect_objection(loop(i, 16, store(y, {Expr(i)}, Expr(std::make_shared<const Read>(bounded)))),
                     "a read of x has a boundary", loop(i, 16, copy(Expr(i), 0)));
}

TEST(Verify, ThreadsMeetAtBarriers) {
    const Stmt barrier = Stmt::make(Barrier());
    const auto threads = [](Stmt body) { return loop(i, 16, std::move(body), LoopKind::thread_x); };
    const std::string says = "not all threads of the block come to a barrier or shuffle";
    expect_objection(threads(when(Expr(i) < 8, barrier)), says, threads(when(Expr(n) < 8, barrier)));
    expect_objection(threads(loop(j, Expr(i), barrier)), says, threads(loop(j, 9, barrier)));
    expect_objection(when(load(x, {0, 0}) < Expr::floating(0, f32), barrier), says, barrier);
}

TEST(Verify, TileStatementsAreLookedInto) {
    Map map;
    map.dims = {{i, 16, LoopKind::serial, 1}};
    map.to = {{y, {Expr(i)}}};
    map.values = {load(x, {Expr(i) + 1, Expr(0)})};
    map.predicate = Expr(i) < 16;
    Map right = map;
    right.predicate = Expr(i) < 15;
    expect_objection(Stmt::make(map), "x may be accessed outside", Stmt::make(right));
}

TEST(Verify, NamesTheGuiltyPass) {
    const Stmt wrong = loop(i, 17, copy(0, 0));
    EXPECT_NE(objection(wrong, "fuse_everything").find("after fuse_everything: "), std::string::npos);
    LowerOptions options;
    options.verify = true;
    try {
        lower(Function{"f", {x, y}, {}, wrong, 0, {}}, Target::host(), options);
        FAIL() << "accepted";
    } catch (const InternalError& error) {
        EXPECT_NE(std::string(error.what()).find("after build: "), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace heddle::test
