using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Starling.Supervisor.Spawning;

/// <summary>What the standard streams of a process started by <see cref="Process"/> are connected to. Opens files before the start, which fails when they do.</summary>
internal sealed class ManagedPlan : IDisposable
{
    // .NET goes to the end of a file once, when it opens it; here several streams may append to one, so each write looks for the end, one at a time.
    private static readonly Lock Appending = new();

    private readonly SpawnOptions _options;
    private readonly List<Task> _copies = [];
    private readonly SafeFileHandle?[] _files = new SafeFileHandle?[3];

    public ManagedPlan(SpawnOptions options)
    {
        _options = options;
        try
        {
            _files[0] = Open(options.Input, FileAccess.Read);
            _files[1] = Open(options.Output, FileAccess.Write);
            _files[2] = Open(options.Error, FileAccess.Write);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Connects the process, and hands out what the user writes and reads, and what completes when its files are complete.</summary>
    public (Stream? Input, Stream? Output, Stream? Error, Task Copied) Connect(Process process)
    {
        var input = _options.Input is StandardStream.Inherited ? null : ConnectInput(new InputStream(process.StandardInput.BaseStream));
        var output = _options.Output is StandardStream.Inherited ? null : ConnectOutput(1, _options.Output, process.StandardOutput.BaseStream);
        var error = _options.Error is StandardStream.Inherited ? null : ConnectOutput(2, _options.Error, process.StandardError.BaseStream);
        return (input, output, error, Task.WhenAll(_copies));
    }

    /// <summary>Closes the files of a process that did not start.</summary>
    public void Dispose()
    {
        foreach (var file in _files)
        {
            file?.Dispose();
        }
    }

    private InputStream? ConnectInput(InputStream input)
    {
        if (_options.Input is StandardStream.Piped)
        {
            return input;
        }

        if (Take(0) is { } file)
        {
            _ = StreamPump.CopyAsync(new FileStream(file, FileAccess.Read, bufferSize: 0), input.Write, input.Dispose);
        }
        else
        {
            input.Dispose();
        }

        return null;
    }

    private Stream? ConnectOutput(int number, StandardStream target, Stream source)
    {
        if (target is StandardStream.Piped)
        {
            return StreamPump.Read(source);
        }

        if (Take(number) is { } file)
        {
            _copies.Add(StreamPump.CopyAsync(source, bytes => Append(file, bytes), file.Dispose));
        }
        else
        {
            _ = StreamPump.CopyAsync(source, static _ => { }, static () => { });
        }

        return null;
    }

    private SafeFileHandle? Take(int number)
    {
        var file = _files[number];
        _files[number] = null;
        return file;
    }

    private static void Append(SafeFileHandle file, ReadOnlySpan<byte> bytes)
    {
        lock (Appending)
        {
            RandomAccess.Write(file, bytes, RandomAccess.GetLength(file));
        }
    }

    private SafeFileHandle? Open(StandardStream stream, FileAccess access)
    {
        if (stream is not StandardStream.ToFile file)
        {
            return null;
        }

        var mode = access == FileAccess.Read ? FileMode.Open : file.Truncate ? FileMode.Create : FileMode.OpenOrCreate;
        try
        {
            return File.OpenHandle(Path.Combine(Path.GetFullPath(_options.WorkingDirectory ?? "."), file.Path), mode, access, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SpawnException($"{_options.FileName} cannot be started: '{file.Path}' cannot be opened for its {(access == FileAccess.Read ? "input" : "output")}: {exception.Message}", exception);
        }
    }
}
