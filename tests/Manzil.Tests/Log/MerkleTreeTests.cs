using System.Text.Json;
using Manzil.Receipts;

namespace Manzil.Tests.Log;

public class MerkleTreeTests
{
    const int Largest = 600;

    static readonly NaiveTree Naive = NaiveTree.OfSize(Largest);

    sealed record InclusionVector(ulong LeafIdx, ulong TreeSize, byte[]? Root, byte[]? LeafHash, byte[][]? Proof, string Desc, bool WantErr);

    sealed record ConsistencyVector(ulong Size1, ulong Size2, byte[]? Root1, byte[]? Root2, byte[][]? Proof, string Desc, bool WantErr);

    [Fact]
    public void VerifyInclusion_PublishedProofs_GoodOnesPassAndBadOnesAreRefused()
    {
        var vectors = Read<InclusionVector>("merkle/inclusion");
        Assert.Contains(vectors, vector => vector.WantErr);
        Assert.Contains(vectors, vector => !vector.WantErr);
        Assert.All(vectors, vector => Assert.Equal(!vector.WantErr, MerkleTree.VerifyInclusion(
            (long)vector.LeafIdx, (long)vector.TreeSize, vector.LeafHash, vector.Proof ?? [], vector.Root)));
    }

    [Fact]
    public void VerifyConsistency_PublishedProofs_GoodOnesPassAndBadOnesAreRefused()
    {
        var vectors = Read<ConsistencyVector>("merkle/consistency");
        Assert.Contains(vectors, vector => vector.WantErr);
        Assert.Contains(vectors, vector => !vector.WantErr);
        Assert.All(vectors, vector => Assert.Equal(!vector.WantErr, MerkleTree.VerifyConsistency(
            (long)vector.Size1, (long)vector.Size2, vector.Root1, vector.Root2, vector.Proof ?? [])));
    }

    // The eight leaves that every RFC 6962 implementation is tried with, and the roots of their trees.
    [Theory]
    [InlineData(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Root_StandardLeaves_IsTheKnownRoot(int size, string root)
    {
        string[] entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
        var leaves = entries[..size].Select(entry => MerkleTree.HashLeaf(Convert.FromHexString(entry))).ToArray();
        Assert.Equal(root, Convert.ToHexStringLower(MerkleFrontier.Empty.Append(leaves).Root));
    }

    [Fact]
    public void InclusionProof_EveryIndexOfEverySize_EqualsTheNaivePathAndVerifies()
    {
        for (var size = 1; size <= Largest; size++)
        {
            var root = Naive.Root(size);
            Assert.Equal(root, MerkleTree.Root(size, Naive.Node));
            for (var index = size % 7; index < size; index += size < 70 ? 1 : 7)
            {
                var leaf = Naive.Hash(index, index + 1);
                var proof = MerkleTree.InclusionProof(index, size, Naive.Node);
                AssertSame(Naive.Path(index, 0, size), proof);
                Assert.True(MerkleTree.VerifyInclusion(index, size, leaf, proof, root));
                Assert.False(MerkleTree.VerifyInclusion(index ^ 1, size, leaf, proof, root));
                AssertSame(proof, MerkleTree.CombineInclusion(index, size,
                    [.. MerkleTree.InclusionNodes(index, size).Select(node => Naive.Node(node.Level, node.Index))]));
            }
        }
    }

    [Fact]
    public void ConsistencyProof_PairsOfSizes_EqualTheNaiveSubproofAndVerify()
    {
        for (var size2 = 1; size2 <= Largest; size2++)
        {
            var root2 = Naive.Root(size2);
            for (var size1 = 1 + size2 % 11; size1 <= size2; size1 += size2 < 70 ? 1 : 11)
            {
                var root1 = Naive.Root(size1);
                var proof = MerkleTree.ConsistencyProof(size1, size2, Naive.Node);
                AssertSame(Naive.Subproof(size1, 0, size2, true), proof);
                Assert.True(MerkleTree.VerifyConsistency(size1, size2, root1, root2, proof));
                AssertSame(proof, MerkleTree.CombineConsistency(size1, size2,
                    [.. MerkleTree.ConsistencyNodes(size1, size2).Select(node => Naive.Node(node.Level, node.Index))]));
                if (size1 < size2)
                {
                    Assert.False(MerkleTree.VerifyConsistency(size1, size2, root2, root2, proof));
                    Assert.False(MerkleTree.VerifyConsistency(size1, size2, root1, root1, proof));
                    Assert.False(MerkleTree.VerifyConsistency(size1, size2, root1, root2, [.. proof, root1]));
                }
            }
        }
    }

    [Fact]
    public void CombineInclusion_WrongNumberOfHashes_IsRefused()
    {
        var nodes = MerkleTree.InclusionNodes(2, 7).Select(node => Naive.Node(node.Level, node.Index)).ToArray();
        Assert.Throws<ArgumentException>(() => MerkleTree.CombineInclusion(2, 7, nodes[1..]));
        Assert.Throws<ArgumentException>(() => MerkleTree.CombineInclusion(2, 7, [.. nodes, nodes[0]]));
    }

    [Theory]
    [InlineData(-1, 5)]
    [InlineData(5, 5)]
    [InlineData(0, 0)]
    [InlineData(0, long.MaxValue)]
    public void InclusionNodes_OutsideTheTree_IsRefused(long index, long size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleTree.InclusionNodes(index, size));

    [Fact]
    public void HashLeaf_LongEntries_HashesThePrefixAndTheWholeEntry()
    {
        foreach (var length in new[] { 0, 1, 32, 254, 255, 256, 257, 65_535 })
        {
            var entry = new byte[length];
            Array.Fill(entry, (byte)7);
            Assert.Equal(new NaiveTree([entry]).Root(1), MerkleTree.HashLeaf(entry));
        }
    }

    // Assert.Equal walks nested arrays by reflection, which takes most of a minute here.
    static void AssertSame(IEnumerable<byte[]> expected, IEnumerable<byte[]> actual) =>
        Assert.Equal(expected.Select(Convert.ToHexString), actual.Select(Convert.ToHexString));

    static List<T> Read<T>(string folder)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web);
        return [.. Directory.EnumerateFiles(Vectors.Folder(folder), "*.json", SearchOption.AllDirectories)
            .Select(file => JsonSerializer.Deserialize<T>(File.ReadAllBytes(file), options)!)];
    }
}
