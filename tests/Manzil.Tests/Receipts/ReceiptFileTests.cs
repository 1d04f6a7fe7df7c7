using System.IO.Compression;
using Manzil.Receipts;

namespace Manzil.Tests.Receipts;

public class ReceiptFileTests
{
    [Fact]
    public void Read_WhatWriteGave_IsTheReceipt()
    {
        var (statement, record, proof) = Sample.Receipt();
        var file = new ReceiptFile(statement, record, proof);
        var zip = file.Write("<!doctype html>", Sample.Keys().ToJson(), Sample.IssuedAt);
        Assert.True(ReceiptFile.IsZip(zip));
        var read = ReceiptFile.Read(zip);
        Assert.Equal(statement, read.Statement);
        Assert.Equal(record, read.Record);
        Assert.Equal(proof, read.Proof);
        Assert.Equal(zip, file.Write("<!doctype html>", Sample.Keys().ToJson(), Sample.IssuedAt));
        using var archive = new ZipArchive(new MemoryStream(zip));
        Assert.Equal(["statement.cose", "record.cbor", "proof.tlog-proof", "receipt.html", "keys.json"], archive.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public void Read_StatementAlone_HasNoRecordAndProof()
    {
        var read = ReceiptFile.Read(Zip(("statement.cose", [1, 2])));
        Assert.Equal([1, 2], read.Statement);
        Assert.Null(read.Record);
        Assert.Null(read.Proof);
    }

    [Fact]
    public void ReadAll_PackedAnew_FindsEveryReceiptWithItsParts()
    {
        var read = ReceiptFile.ReadAll(Zip(("x/receipt.html", [9]), ("a/record.cbor", [2]), ("a/STATEMENT.cose", [1]), ("b/proof.tlog-proof", [65]), ("b/statement.cose", [3])));
        Assert.Equal([1, 3], read.Select(receipt => receipt.Statement[0]));
        Assert.Equal([2], read[0].Record);
        Assert.Null(read[0].Proof);
        Assert.Null(read[1].Record);
        Assert.Equal("A", read[1].Proof);
        // Of one receipt the parts may lie anywhere.
        var one = Assert.Single(ReceiptFile.ReadAll(Zip(("statement.cose", [1]), ("old/record.cbor", [2]), ("c\\proof.tlog-proof", [65]))));
        Assert.Equal([2], one.Record);
        Assert.Equal("A", one.Proof);
    }

    public static TheoryData<string, byte[]> Wrong => new()
    {
        { "empty", [] },
        { "no zip", [1, 2, 3, 4] },
        { "no statement", Zip(("record.cbor", [1])) },
        { "a bomb", Zip(("statement.cose", new byte[50_000_000])) },
        { "a part twice", Zip(("statement.cose", [1]), ("statement.cose", [2])) },
        { "a part twice but for case", Zip(("statement.cose", [1]), ("Statement.COSE", [2])) },
        { "several receipts", Zip(("a/statement.cose", [1]), ("b/statement.cose", [2])) },
        { "two records for one statement", Zip(("a/statement.cose", [1]), ("a/record.cbor", [2]), ("b/record.cbor", [3])) },
        { "six receipts", Zip([.. Enumerable.Range(0, 6).Select(i => ($"{i}/statement.cose", new byte[] { 1 }))]) },
        { "a zip in a zip in a zip", Zip(("a.zip", Zip(("b.zip", Zip(("statement.cose", [1])))))) },
        { "zips that are too long together", Zip([.. Enumerable.Range(0, 3).Select(i => ($"{i}.zip", new byte[1_000_000]))]) },
        { "too many entries", Zip([("statement.cose", [1]), .. Enumerable.Range(0, 256).Select(i => ($"x{i}", Array.Empty<byte>()))]) },
        { "too long", new byte[ReceiptFile.MaxBytes + 1] },
        { "malformed UTF-8", Zip(("statement.cose", [1]), ("proof.tlog-proof", [0xFF])) },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Read_WrongFile_IsRefused(string what, byte[] zip) =>
        Assert.True(Assert.ThrowsAny<Exception>(() => ReceiptFile.Read(zip)) is ReceiptFormatException, what);

    static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }
        return stream.ToArray();
    }
}
