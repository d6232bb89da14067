namespace CoEdit.Protocol.Tests;

public class CloseCodeTests
{
    [Theory]
    [InlineData(CloseCode.GoingAway, 1001, false)]
    [InlineData(CloseCode.ProtocolError, 1002, false)]
    [InlineData(CloseCode.UnsupportedData, 1003, false)]
    [InlineData(CloseCode.MalformedPayload, 1007, false)]
    [InlineData(CloseCode.MessageTooBig, 1009, false)]
    [InlineData(CloseCode.ServiceRestart, 1012, false)]
    [InlineData(CloseCode.TryAgainLater, 1013, false)]
    [InlineData(CloseCode.BadRequest, 4400, true)]
    [InlineData(CloseCode.Unauthorized, 4401, true)]
    [InlineData(CloseCode.Forbidden, 4403, true)]
    [InlineData(CloseCode.DocumentDeleted, 4404, true)]
    [InlineData(CloseCode.Conflict, 4409, true)]
    [InlineData(CloseCode.LimitExceeded, 4413, true)]
    [InlineData(CloseCode.TimedOut, 4508, false)]
    public void Codes_have_their_published_number_and_only_44xx_are_permanent(int code, int number, bool permanent)
    {
        Assert.Equal(number, code);
        Assert.Equal(permanent, CloseCode.IsPermanent(code));
    }

    [Fact]
    public void The_permanent_range_ends_where_y_websocket_says()
    {
        Assert.False(CloseCode.IsPermanent(4399));
        Assert.True(CloseCode.IsPermanent(4499));
        Assert.False(CloseCode.IsPermanent(4500));
    }
}
