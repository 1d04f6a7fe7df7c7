using FsCheck;
using FsCheck.Fluent;
using Manzil.Receipts;

namespace Manzil.Tests.Log;

public class MerkleFrontierTests
{
    static readonly NaiveTree Naive = NaiveTree.OfSize(1200);

    [Fact]
    public void Append_OneLeafAtATime_HasTheNaiveRootAtEverySize()
    {
        var frontier = MerkleFrontier.Empty;
        Assert.Equal(MerkleTree.EmptyRoot, frontier.Root());
        for (var size = 1; size <= 600; size++)
        {
            var batch = frontier.Append([Leaf(size - 1)]);
            Assert.Equal(Naive.Root(size), batch.Root);
            Assert.Equal(Naive.Root(size), batch.Frontier.Root());
            Assert.Equal(Naive.Path(size - 1, 0, size), batch.Proof(0));
            frontier = batch.Frontier;
        }
    }

    [Fact]
    public void Append_BatchesOfAnySize_ProvesEveryNewLeaf() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(
            Gen.Choose(0, 600).Zip(Gen.Choose(0, 600)).ToArbitrary(), pair => ProvesEveryNewLeaf(pair.Item1, pair.Item2)));

    [Fact]
    public void Append_ManyBatches_CompletesEachTileOnce()
    {
        var frontier = MerkleFrontier.Empty;
        var completed = new List<CompletedTile>();
        var hash = MerkleTree.HashLeaf([1]);
        int[] counts = [1, 255, 0, 256, 300, 65_000, 700, 20];
        foreach (var count in counts)
        {
            var batch = frontier.Append([.. Enumerable.Repeat(hash, count)]);
            completed.AddRange(batch.CompletedTiles);
            frontier = batch.Frontier;
        }

        var leaves = counts.Sum();
        Assert.Equal(leaves, frontier.Size);
        Assert.Equal(Enumerable.Range(0, leaves / 256).Select(i => (1, (long)i)),
            completed.Where(tile => tile.Level == 1).Select(tile => (tile.Level, tile.Index)));
        Assert.Equal([(2, 0L)], completed.Where(tile => tile.Level > 1).Select(tile => (tile.Level, tile.Index)));
        var full = MerkleFrontier.Empty.Append([.. Enumerable.Repeat(hash, 256)]).Root;
        Assert.All(completed.Where(tile => tile.Level == 1), tile => Assert.Equal(full, tile.Hash));
        Assert.Equal(MerkleFrontier.Empty.Append([.. Enumerable.Repeat(full, 256)]).Root, completed.Single(tile => tile.Level == 2).Hash);
    }

    [Fact]
    public void Append_CommitFails_OldFrontierStaysUsable()
    {
        var before = MerkleFrontier.Empty.Append([.. Enumerable.Range(0, 5).Select(Leaf)]).Frontier;
        var lost = before.Append([Leaf(9)]);
        Assert.Equal(Naive.Root(5), before.Root());
        Assert.NotEqual(Naive.Root(6), lost.Root);
        Assert.Equal(Naive.Root(6), before.Append([Leaf(5)]).Root);
    }

    [Fact]
    public void Decode_WhatEncodeWrote_IsTheSameFrontier()
    {
        for (var size = 0; size < 40; size++)
        {
            var frontier = MerkleFrontier.Empty.Append([.. Enumerable.Range(0, size).Select(Leaf)]).Frontier;
            var decoded = MerkleFrontier.Decode(frontier.Encode());
            Assert.Equal(size, decoded.Size);
            Assert.Equal(frontier.Encode(), decoded.Encode());
            Assert.Equal(Naive.Root(size + 1), decoded.Append([Leaf(size)]).Root);
            Assert.Throws<ReceiptFormatException>(() => MerkleFrontier.Decode(frontier.Encode()[1..]));
            Assert.Throws<ReceiptFormatException>(() => MerkleFrontier.Decode([.. frontier.Encode(), 0]));
        }
    }

    [Fact]
    public void Append_HashOfWrongLength_IsRefused() =>
        Assert.Throws<ArgumentException>(() => MerkleFrontier.Empty.Append([new byte[31]]));

    [Fact]
    public void Append_TreeIsFull_IsRefused()
    {
        var encoded = new byte[40];
        encoded[0] = 0x40;
        var full = MerkleFrontier.Decode(encoded);
        Assert.Equal(MerkleTree.MaxSize, full.Size);
        Assert.Throws<InvalidOperationException>(() => full.Append([Leaf(0)]));
    }

    static bool ProvesEveryNewLeaf(int before, int count)
    {
        var old = MerkleFrontier.Empty.Append([.. Enumerable.Range(0, before).Select(Leaf)]).Frontier;
        var batch = old.Append([.. Enumerable.Range(before, count).Select(Leaf)]);
        return batch.FirstIndex == before && batch.Count == count && batch.Size == before + count
            && batch.Root.AsSpan().SequenceEqual(Naive.Root(before + count))
            && Enumerable.Range(0, count).All(i => MerkleTree.VerifyInclusion(
                before + i, batch.Size, Leaf(before + i), batch.Proof(i), batch.Root));
    }

    static byte[] Leaf(int index) => Naive.Hash(index, index + 1);
}
