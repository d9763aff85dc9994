using System.IO.Pipelines;

namespace Starling.Messaging.Links;

/// <summary>Bytes to and from one peer. Owner: the connection over it.</summary>
/// <param name="pipe">The bytes.</param>
/// <param name="remote">Where they go, for people.</param>
/// <param name="close">Ends the link after what was written has gone out.</param>
/// <param name="abort">Ends the link at once; a read under way must end, with or without an error.</param>
internal sealed class Link(IDuplexPipe pipe, string remote, Func<ValueTask> close, Action abort)
{
    /// <summary>Size of the blocks that are read into: 16 KiB holds many requests, and little memory waits with an idle peer.</summary>
    private const int ReadBlock = 16 * 1024;

    public IDuplexPipe Pipe { get; } = pipe;

    public string Remote { get; } = remote;

    public static Link Over(Stream stream, string remote) => Over(stream, stream, remote, stream.DisposeAsync, stream.Dispose);

    public static Link Over(Stream input, Stream output, string remote, Func<ValueTask> close, Action abort)
    {
        var reader = PipeReader.Create(input, new StreamPipeReaderOptions(bufferSize: ReadBlock, minimumReadSize: 1024, leaveOpen: true));
        var writer = PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true));
        return new Link(new DuplexPipe(reader, writer), remote, close, abort);
    }

    public static Link Over(IDuplexPipe pipe, string remote) =>
        new(pipe, remote, () => pipe.Output.CompleteAsync(), () =>
        {
            pipe.Output.Complete();
            pipe.Input.CancelPendingRead();
        });

    public ValueTask CloseAsync() => close();

    public void Abort() => abort();

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
