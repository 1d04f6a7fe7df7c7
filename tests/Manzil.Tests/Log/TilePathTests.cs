using Manzil.Receipts;

namespace Manzil.Tests.Log;

public class TilePathTests
{
    [Theory]
    [InlineData("tile/0/000", 0, 0, 256)]
    [InlineData("tile/0/999", 0, 999, 256)]
    [InlineData("tile/1/x001/000", 1, 1000, 256)]
    [InlineData("tile/63/x001/x234/067", 63, 1234067, 256)]
    [InlineData("tile/0/x001/x234/067.p/1", 0, 1234067, 1)]
    [InlineData("tile/entries/000.p/255", null, 0, 255)]
    [InlineData("tile/entries/x999/x999/x999/x999/x999/999", null, 999_999_999_999_999_999, 256)]
    public void Parse_GoodPath_IsTheSameAgainWhenWritten(string path, int? level, long index, int width)
    {
        Assert.Equal(new TileAddress(level, index, width), TilePath.Parse(path));
        Assert.Equal(path, new TileAddress(level, index, width).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/tile/0/000")]
    [InlineData("tile/0")]
    [InlineData("tile/0/")]
    [InlineData("tile/00/000")]
    [InlineData("tile/64/000")]
    [InlineData("tile/-1/000")]
    [InlineData("tile/entries/00")]
    [InlineData("tile/entries/0000")]
    [InlineData("tile/entries/x000/001")]
    [InlineData("tile/entries/001/001")]
    [InlineData("tile/entries/x001")]
    [InlineData("tile/entries/x001/x001")]
    [InlineData("tile/entries/xx01/001")]
    [InlineData("tile/0/+01")]
    [InlineData("tile/0/ 01")]
    [InlineData("tile/0/\u0660\u0660\u0660")]
    [InlineData("tile/0/000.p")]
    [InlineData("tile/0/000.p/")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/01")]
    [InlineData("tile/0/000.p/1/2")]
    [InlineData("tile/0/../000")]
    [InlineData("tile/0/x001/x001/x001/x001/x001/x001/001")]
    public void Parse_AnythingElse_IsRefused(string path)
    {
        Assert.False(TilePath.TryParse(path, out _));
        Assert.Throws<ReceiptFormatException>(() => TilePath.Parse(path));
    }

    // The example of C2SP tlog-tiles, "Partial tiles".
    [Theory]
    [InlineData(0, 272, 70_000, 256)]
    [InlineData(0, 273, 70_000, 112)]
    [InlineData(0, 274, 70_000, 0)]
    [InlineData(1, 0, 70_000, 256)]
    [InlineData(1, 1, 70_000, 17)]
    [InlineData(2, 0, 70_000, 1)]
    [InlineData(3, 0, 70_000, 0)]
    [InlineData(0, 1, 256, 0)]
    [InlineData(1, 0, 256, 1)]
    [InlineData(63, 0, long.MaxValue, 0)]
    [InlineData(0, 999_999_999_999_999_999, long.MaxValue, 0)]
    public void WidthAt_TreeOfSomeSize_IsThatOfTheSpecification(int level, long index, long size, int width) =>
        Assert.Equal(width, TilePath.WidthAt(level, index, size));
}
