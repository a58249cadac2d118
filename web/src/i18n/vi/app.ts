import type { app as en } from "../en/app";

export const app: typeof en = {
  app: "Sotto",
  tagline: "Tin nhắn chỉ bạn và người bạn nhắn đọc được.",
  working: "Xin chờ…",
  cancel: "Huỷ",
  you: "Bạn",
  dismiss: "Bỏ",
  offline: "Ngoại tuyến. Tin bạn viết sẽ được gửi khi có mạng lại.",
  offlineHere: "Ngoại tuyến. Việc này cần có mạng.",
  connecting: "Đang kết nối…",
  loginSeen: "Có người đăng nhập tài khoản của bạn trên “{name}”. Nếu không phải bạn, hãy xem các thiết bị.",
  close: "Đóng",
  back: "Quay lại",
  brokenCrashed: "Phần mã hoá đã ngừng. Không mất gì cả.",
  brokenReplaced:
    "Một phiên bản Sotto mới hơn đang mở ở thẻ khác. Hãy tải lại trang này; những gì bạn viết vẫn được giữ.",
  brokenUnloaded:
    "Không tải được một phần của Sotto. Bạn có đang kết nối mạng không? Những gì đã lưu ở đây vẫn an toàn.",
  brokenStore: "Trình duyệt không cho Sotto lưu dữ liệu. Ổ đĩa đầy, hay đây là cửa sổ riêng tư?",
  reload: "Tải lại",
  startAgain: "Tải lại không giúp được",
  startAgainWhat:
    "Bạn có thể bắt đầu lại ở đây. Mọi thứ Sotto lưu trong trình duyệt này, cả tin nhắn và khoá, sẽ bị xoá; các thiết bị khác của bạn vẫn giữ phần của chúng. Trước tiên hãy đóng các thẻ khác của Sotto.",
  startAgainYes: "Xoá và bắt đầu lại",
  errorDefault: "Không thực hiện được. Hãy thử lại.",
  errorUnreachable: "Không kết nối được máy chủ.",
  fieldEmpty: "Hãy điền vào đây.",
};
