using System.Text;

namespace Starling.Cluster.Discovery;

/// <summary>The folder that is the cluster: one socket for each node, named as the node is. Only its owner may enter it.</summary>
internal sealed class ClusterFolder
{
    /// <summary>Bytes that the system allows for the path of a socket.</summary>
    private const int MaxSocketPath = 107;
    private const string Suffix = ".sock";

    /// <summary>As long as the final one, so that it fits too. A socket has it until it can be connected to.</summary>
    private const string UnfinishedSuffix = ".bind";

    private readonly string _path;

    /// <exception cref="IOException">The folder cannot be made, is not safe, or its path is too long.</exception>
    public ClusterFolder(string path)
    {
        _path = Path.GetFullPath(path);
        var length = Encoding.UTF8.GetByteCount(_path) + 1 + NodeName.Length + Suffix.Length;
        if (length > MaxSocketPath)
        {
            throw new IOException(
                $"The folder of the cluster, {_path}, has a path that is too long: sockets in it would have {length} bytes, the system allows {MaxSocketPath}. Choose a shorter one by STARLING_CLUSTER or {nameof(LocalClusterOptions)}.{nameof(LocalClusterOptions.Folder)}.");
        }

        Make();
    }

    /// <exception cref="IOException">It cannot be made, or is not safe.</exception>
    public void Make()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_path);
            return;
        }

        Directory.CreateDirectory(_path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!FolderOwner.IsMine(_path))
        {
            throw new IOException(
                $"The folder of the cluster, {_path}, belongs to another user, who could read and forge what the nodes tell each other. Choose another folder, or make it yours: sudo chown $(id -u) {_path}");
        }

        var mode = File.GetUnixFileMode(_path);
        if ((mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            throw new IOException($"The folder of the cluster, {_path}, may be written by other users ({mode}). Make it yours alone: chmod 700 {_path}");
        }
    }

    public string SocketOf(string name) => Path.Combine(_path, name + Suffix);

    public string UnfinishedSocketOf(string name) => Path.Combine(_path, name + UnfinishedSuffix);

    /// <summary>Names of all nodes that have a socket here, this one's among them, oldest first.</summary>
    public IReadOnlyList<string> Names()
    {
        try
        {
            return [.. Directory.EnumerateFiles(_path, "*" + Suffix)
                .Select(static path => Path.GetFileNameWithoutExtension(path)).Where(static name => NodeName.IsName(name)).Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    public override string ToString() => _path;
}
